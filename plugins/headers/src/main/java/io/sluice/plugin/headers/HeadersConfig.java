package io.sluice.plugin.headers;

import io.sluice.api.config.ConfigSection;

/**
 * The keys of {@code headers}.
 *
 * @param request edits of the request, seen by what stands behind and by the upstream
 * @param response edits of the response, seen by what stands before and by the client
 */
record HeadersConfig(HeaderEdits request, HeaderEdits response) {

  static HeadersConfig decode(ConfigSection config) {
    HeadersConfig decoded =
        new HeadersConfig(
            config
                .section("request")
                .describe("edits of the request's headers")
                .optional()
                .map(section -> HeaderEdits.decode(section, true))
                .orElse(HeaderEdits.NONE),
            config
                .section("response")
                .describe("edits of the response's headers")
                .optional()
                .map(section -> HeaderEdits.decode(section, false))
                .orElse(HeaderEdits.NONE));
    if (!config.has("request") && !config.has("response")) {
      config.problem("", "says nothing to change", "request or response, with set, add or remove");
    }
    return decoded;
  }
}
