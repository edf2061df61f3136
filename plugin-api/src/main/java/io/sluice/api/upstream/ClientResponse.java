package io.sluice.api.upstream;

import java.util.List;
import java.util.Map;

/**
 * A response that a plugin's own call received.
 *
 * @param status the status code
 * @param headers lower-case names to their values, in order
 * @param body the whole content
 */
public record ClientResponse(int status, Map<String, List<String>> headers, byte[] body) {}
