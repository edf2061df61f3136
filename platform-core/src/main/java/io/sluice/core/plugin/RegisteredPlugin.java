package io.sluice.core.plugin;

import io.sluice.api.PluginFactory;

/**
 * A plugin that was found and may be selected.
 *
 * @param kind what it makes
 * @param type the name that selects it
 * @param source the jar, or folder and jar, that it came from; a class folder in tests
 * @param apiVersion the API version it was built for
 * @param contentId the same for as long as its code is the same: part of the identity of instances
 * @param factory makes instances
 */
public record RegisteredPlugin(
    PluginKind kind,
    String type,
    String source,
    String apiVersion,
    String contentId,
    PluginFactory<?> factory) {}
