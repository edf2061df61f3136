package io.sluice.core.boot;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;

/**
 * A request to explain.
 *
 * @param url absolute
 * @param headers names and values
 * @param certificates what the client shows, its own first; empty when it shows none
 */
public record ExplainRequest(
    String method,
    String url,
    List<Map.Entry<String, String>> headers,
    List<X509Certificate> certificates) {}
