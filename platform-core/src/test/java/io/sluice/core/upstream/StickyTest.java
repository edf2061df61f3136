package io.sluice.core.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.Unpooled;
import io.sluice.core.http.ParsedRequest;
import io.sluice.core.http.RequestParser;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StickyTest {

  private static final String SECRET = "secret = 0123456789abcdef";

  private final EndpointState a = Endpoints.at("a");
  private final EndpointState b = Endpoints.at("b");

  private static Sticky sticky(String upstream, String keys) {
    StickyConfig config =
        Endpoints.upstream("sticky { type = cookie, name = srv, " + keys + " }").sticky();
    return new Sticky(upstream, Objects.requireNonNull(config));
  }

  private static ParsedRequest request(String scheme, String cookies) {
    RequestParser parser = new RequestParser(8192, 20, scheme, true);
    parser.reset();
    String head = "GET / HTTP/1.1\r\nHost: x\r\n" + cookies + "\r\n";
    parser.read(Unpooled.copiedBuffer(head, StandardCharsets.ISO_8859_1));
    return parser.request();
  }

  private static ParsedRequest with(String value) {
    return request("http", "Cookie: srv=" + value + "\r\n");
  }

  private static String value(Sticky sticky, EndpointState endpoint) {
    String line = Objects.requireNonNull(sticky.cookieFor(request("http", ""), endpoint));
    return line.substring("srv=".length(), line.indexOf(';'));
  }

  private static @Nullable EndpointState find(Sticky sticky, String value) {
    return sticky.find(with(value).headers());
  }

  @Test
  void bringsClientsBack() {
    Sticky sticky = sticky("app", SECRET);
    sticky.update(List.of(a, b));
    assertThat(find(sticky, value(sticky, a))).isSameAs(a);
    assertThat(find(sticky, value(sticky, b))).isSameAs(b);
    assertThat(sticky.cookieFor(with(value(sticky, a)), a)).isNull();
    assertThat(sticky.cookieFor(with(value(sticky, a)), b)).startsWith("srv=" + value(sticky, b));
    // Any of several leads back: clients may hold an old one for another path.
    assertThat(find(sticky, "x; srv=" + value(sticky, b))).isSameAs(b);
  }

  @Test
  void valuesTellNothingAndCannotBeMadeUp() {
    Sticky sticky = sticky("app", SECRET);
    sticky.update(List.of(a, b));
    String value = value(sticky, a);
    assertThat(value).matches("[A-Za-z0-9_-]{22}");
    Set<String> different = new HashSet<>();
    different.add(value);
    different.add(value(sticky, b));
    for (Sticky other :
        List.of(sticky("other", SECRET), sticky("app", "secret = fedcba9876543210"))) {
      other.update(List.of(a));
      different.add(value(other, a));
      assertThat(find(other, value)).isNull();
    }
    assertThat(different).hasSize(4);
    for (String wrong :
        List.of("", "a:80", value.substring(1), value + "A", "é".repeat(22), "=".repeat(22))) {
      assertThat(find(sticky, wrong)).isNull();
    }
    char first = value.charAt(0) == 'A' ? 'B' : 'A';
    assertThat(find(sticky, first + value.substring(1))).isNull();
  }

  @Test
  void theSameSecretMeansTheSameValues() {
    Sticky one = sticky("app", SECRET);
    Sticky two = sticky("app", SECRET + ", ttl = 1h");
    one.update(List.of(a));
    two.update(List.of(Endpoints.at("a")));
    assertThat(value(one, a)).hasSize(22);
    assertThat(find(two, value(one, a))).isNotNull();
    Sticky own = sticky("app", "");
    own.update(List.of(a));
    assertThat(find(own, value(one, a))).isNull();
    // What the process made up is the same after a reload.
    Sticky reloaded = sticky("app", "path = /x");
    reloaded.update(List.of(a));
    assertThat(find(reloaded, value(own, a))).isSameAs(a);
  }

  @Test
  void nobodyComesBackToAnEndpointThatIsNotThere() {
    Sticky sticky = sticky("app", SECRET);
    sticky.update(List.of(a, b));
    String value = value(sticky, a);
    sticky.update(List.of(b));
    assertThat(find(sticky, value)).isNull();
    assertThat(sticky.cookieFor(with(value), a)).isNull();
    assertThat(sticky.cookieFor(with(value), b)).isNotNull();
    sticky.update(List.of(a, b));
    assertThat(find(sticky, value)).isSameAs(a);
    sticky.update(List.of());
    assertThat(find(sticky, value)).isNull();
  }

  @Test
  void findsEachOfMany() {
    Sticky sticky = sticky("app", SECRET);
    List<EndpointState> many = new ArrayList<>();
    for (int i = 1; i <= 300; i++) {
      many.add(Endpoints.at("e" + i));
      if (i % 37 == 1 || i == 300) {
        sticky.update(many);
        many.forEach(each -> assertThat(find(sticky, value(sticky, each))).isSameAs(each));
      }
    }
  }

  @Test
  void lookingUpAllocatesNothing() {
    Sticky sticky = sticky("app", SECRET);
    sticky.update(List.of(a, b));
    ParsedRequest request = with("x; a=b; srv=" + value(sticky, b));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        if (sticky.find(request.headers()) != b || sticky.cookieFor(request, b) != null) {
          throw new AssertionError("did not come back");
        }
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isLessThan(10_000);
  }

  @Test
  void theLineSaysWhatWasConfigured() {
    Sticky plain = sticky("app", SECRET);
    plain.update(List.of(a));
    assertThat(plain.cookieFor(request("http", ""), a))
        .endsWith("; Path=/; HttpOnly; SameSite=Lax");
    assertThat(plain.cookieFor(request("https", ""), a))
        .endsWith("; Path=/; HttpOnly; SameSite=Lax; Secure");
    Sticky full =
        sticky(
            "app",
            SECRET + ", path = /app, ttl = 90m, same-site = none, secure = on, http-only = off");
    full.update(List.of(a));
    assertThat(full.cookieFor(request("http", ""), a))
        .endsWith("; Path=/app; Max-Age=5400; SameSite=None; Secure");
    Sticky off = sticky("app", SECRET + ", same-site = strict, secure = off, ttl = session");
    off.update(List.of(a));
    assertThat(off.cookieFor(request("https", ""), a))
        .endsWith("; Path=/; HttpOnly; SameSite=Strict");
  }

  @Test
  void keysAreChecked() {
    assertThat(Endpoints.upstream("sticky = off").sticky()).isNull();
    assertThat(Endpoints.refused("sticky = on"))
        .containsExactly(
            "a.conf:2: sticky: not a block (expected: off or { type = cookie, name = … })");
    assertThat(Endpoints.refused("sticky {}")).hasSize(2);
    assertThat(
            Endpoints.refused(
                "sticky { type = ip, name = \"a b\", secret = short, path = x, ttl = 1ms,"
                    + " secure = off, same-site = none, http-only = maybe, who = me }"))
        .hasSize(8);
  }
}
