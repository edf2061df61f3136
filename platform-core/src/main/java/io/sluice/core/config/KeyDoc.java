package io.sluice.core.config;

/**
 * One key of the configuration as the reference shows it.
 *
 * @param path the key, with {@code NAME} for the user's own names and {@code []} for list members:
 *     {@code upstreams.NAME.endpoints[].address}
 * @param type what it takes: {@code duration or off}
 * @param fallback the default as a user would write it; empty where there is none
 * @param meaning what the reader said it means; empty where it said nothing
 * @param required whether leaving it out is an error
 */
public record KeyDoc(String path, String type, String fallback, String meaning, boolean required) {}
