package io.sluice.core.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listeners whose octets pass unread may say, and what they are told otherwise. */
class TcpConfigTest {

  private static final String UPSTREAMS =
      "upstreams { db { protocol = tcp, endpoints = [\"127.0.0.1:1\"] }, web.endpoints = [\"127.0.0.1:2\"] }";

  @TempDir Path home;

  private List<String> check(String config) throws Exception {
    return Running.problems(home, config + "\naccess-log = off\nadmin.bind = \"127.0.0.1:0\"\n");
  }

  @Test
  void takesWhatTheDocumentationShows() throws Exception {
    assertThat(
            check(
                """
                listeners.a { bind = "127.0.0.1:0", protocol = tcp, upstream = db
                              limits.max-connections = 5, timeouts.tunnel-idle = off }
                listeners.b {
                  bind = ["127.0.0.1:0", "[::1]:0"], protocol = tls-passthrough, timeouts { handshake = 1s }
                  sni = [ { host = "A.example.com", upstream = db }, { host = "*.example.com", upstream = web }
                          { host = "*", upstream = db } ]
                }
                listeners.c { bind = "127.0.0.1:0", proxy-protocol = required, trusted-proxies = ["10.0.0.0/8"] }
                listeners.d { bind = "unix:/tmp/x.sock", proxy-protocol = optional }
                routes = [ { upstream = web } ]
                """
                    + UPSTREAMS
                    + "\nupstreams.db.proxy-protocol = v2"))
        .isEmpty();
  }

  @Test
  void saysWhereEachMistakeIs() throws Exception {
    assertThat(
            check(
                """
                listeners.a { bind = "127.0.0.1:0", protocol = tcp }
                listeners.b { bind = "127.0.0.1:0", protocol = tcp, upstream = dp, middleware = [] }
                listeners.c { bind = "127.0.0.1:0", protocol = tls-passthrough }
                listeners.d { bind = "127.0.0.1:0", protocol = tls-passthrough, upstream = db, sni = [
                  { host = "*", upstream = db }
                  { host = "a.example.com", upstream = db }
                  { host = "*a.example", upstream = db }
                  x
                ] }
                listeners.e { bind = "127.0.0.1:0", upstream = db, sni = [] }
                listeners.f { bind = "127.0.0.1:0", proxy-protocol = required }
                listeners.g { bind = "127.0.0.1:0", protocol = udp }
                listeners.h { bind = "127.0.0.1:0", protocol = tls-passthrough, tls { certificates = [ x.pem ] }
                              sni = [ { host = "*", upstream = db } ] }
                listeners.i { bind = "127.0.0.1:0", protocol = tcp, upstream = calls }
                upstreams.calls { protocol = http2, endpoints = ["127.0.0.1:1"] }
                """
                    + UPSTREAMS))
        .containsExactly(
            "sluice.conf:1: listeners.a.upstream: is missing (expected: a text, a list or a block)",
            "sluice.conf:2: listeners.b.middleware: does not apply to protocol = tcp (expected: no such key)",
            "sluice.conf:2: listeners.b.upstream: unknown upstream \"dp\" (did you mean \"db\"?)",
            "sluice.conf:3: listeners.c.sni: is missing (expected: a list)",
            "sluice.conf:4: listeners.d.upstream: belongs to protocol = tcp (expected: an entry of sni)",
            "sluice.conf:6: listeners.d.sni[1]: never reached: an entry before it takes every name (expected: \"*\" at the end)",
            "sluice.conf:7: listeners.d.sni[2].host: \"*a.example\" is not accepted (expected: a.example.com, *.example.com or *)",
            "sluice.conf:7: listeners.d.sni[2]: never reached: an entry before it takes every name (expected: \"*\" at the end)",
            "sluice.conf:8: listeners.d.sni[3]: not a block (expected: { host = \"a.example.com\", upstream = a })",
            "sluice.conf:10: listeners.e.sni: belongs to protocol = tls-passthrough (expected: no such key)",
            "sluice.conf:10: listeners.e.upstream: belongs to protocol = tcp (expected: protocol = tcp, or a route)",
            "sluice.conf:11: listeners.f.proxy-protocol: nobody is trusted to send one (expected: trusted-proxies as well)",
            "sluice.conf:12: listeners.g.protocol: unknown choice \"udp\" (expected: one of http, tcp, tls-passthrough)",
            "sluice.conf:13: listeners.h.tls: passthrough does not end TLS (expected: no such key, or protocol = tcp to end it here)",
            "sluice.conf:13: listeners.h.tls.certificates[0]: \"x.pem\" is no block (expected: { certificate = …, key = … })",
            "sluice.conf:13: listeners.h.tls.certificates[0]: no certificate source \"file\": no certificate source plugin is installed (expected: the jar that offers it in a plugin directory)",
            "sluice.conf:15: listeners.i.upstream: upstream \"calls\" has protocol = http2 (expected: an upstream with protocol = tcp)");
  }

  @Test
  void saysWhatAnUpstreamOfConnectionsCannotHave() throws Exception {
    assertThat(
            check(
                """
                routes = [ { upstream = db }, { match.path = "/", upstream = [ { name = db, weight = 1 }, web ] } ]
                upstreams {
                  db { protocol = tcp, endpoints = [ "http://127.0.0.1:1/path" ] }
                  web { endpoints = [ "127.0.0.1:2" ], proxy-protocol = v1 }
                }
                """))
        .containsExactly(
            "sluice.conf:1: routes[0].upstream: \"db\" speaks tcp (expected: an upstream that speaks HTTP; tcp is for listeners of that protocol)",
            "sluice.conf:1: routes[1].upstream[0]: \"db\" speaks tcp (expected: an upstream that speaks HTTP; tcp is for listeners of that protocol)",
            "sluice.conf:3: upstreams.db.endpoints[0]: a path has no meaning for protocol = tcp (expected: host:port)",
            "sluice.conf:4: upstreams.web.proxy-protocol: pooled connections carry the requests of many clients (expected: off, or protocol = tcp; X-Forwarded-For names the client to HTTP endpoints)");
  }
}
