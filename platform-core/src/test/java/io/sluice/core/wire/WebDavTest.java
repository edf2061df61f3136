package io.sluice.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.core.wire.RawClient.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods, fields and statuses of WebDAV (RFC 4918), which mean nothing to a proxy. */
class WebDavTest {

  private static final String MULTI =
      "HTTP/1.1 207 Multi-Status\r\nDAV: 1, 2\r\nContent-Length: 6\r\n\r\n<many>";

  private final RawEndpoint breaking = new RawEndpoint(RawEndpoint.Peer::readRequest);
  private final RawEndpoint well = RawEndpoint.answering(MULTI);
  private Proxy proxy;

  @BeforeEach
  void start() {
    proxy =
        Proxy.start(
            """
            listeners.web.bind = "127.0.0.1:0"
            upstreams.dav.endpoints = ["%s"]
            upstreams.frail { endpoints = ["%s", "%s"], retry { attempts = 2 } }
            routes = [
              { match.path-prefix = "/frail", upstream = frail }
              { upstream = dav } ]
            """
                .formatted(well.address(), breaking.address(), well.address()));
  }

  @AfterEach
  void stop() {
    proxy.close();
    breaking.close();
    well.close();
  }

  private Response send(String head, String body) {
    try (RawClient client = proxy.connect()) {
      return client
          .send(
              "%s HTTP/1.1\r\nHost: dav.example:8080\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(head, body.length(), body))
          .read();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROPFIND",
        "PROPPATCH",
        "MKCOL",
        "COPY",
        "MOVE",
        "LOCK",
        "UNLOCK",
        "REPORT",
        "SEARCH",
        "ACL"
      })
  void everyMethodPassesWithItsContent(String method) {
    Response response = send(method + " /share/a%20b", "<xml/>");
    assertThat(response.status()).isEqualTo(207);
    assertThat(response.header("DAV")).isEqualTo("1, 2");
    assertThat(response.body()).isEqualTo("<many>");
    assertThat(well.received())
        .startsWith(method + " /share/a%20b HTTP/1.1\r\n")
        .endsWith("<xml/>");
  }

  @Test
  void itsFieldsPassOctetByOctet() {
    String fields =
        "Destination: http://dav.example:8080/share/b%2Fc\r\nOverwrite: F\r\nDepth: infinity\r\n"
            + "If: (<urn:uuid:1> [\"etag\"]) (Not <DAV:no-lock>)\r\nLock-Token: <urn:uuid:1>\r\n"
            + "Timeout: Infinite, Second-4100000000\r\n";
    String head = "MOVE /share/a HTTP/1.1\r\nHost: dav.example:8080\r\n" + fields + "\r\n";
    try (RawClient client = proxy.connect()) {
      assertThat(client.send(head).read().status()).isEqualTo(207);
    }
    assertThat(well.received()).contains(fields.split("\r\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PROPFIND", "REPORT", "SEARCH"})
  void whatOnlyReadsIsTriedAgain(String method) {
    assertThat(send(method + " /frail", "<xml/>").status()).isEqualTo(207);
    assertThat(breaking.received()).contains(method);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK"})
  void whatWritesIsNot(String method) {
    assertThat(send(method + " /frail", "").status()).isEqualTo(502);
    assertThat(breaking.received()).contains(method);
    assertThat(well.received()).isEmpty();
  }
}
