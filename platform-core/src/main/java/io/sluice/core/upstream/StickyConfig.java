package io.sluice.core.upstream;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.http.HeaderName;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The {@code sticky} block.
 *
 * @param name of the cookie
 * @param secret what its values are derived with; null for one that the process made up
 * @param path where the client sends it
 * @param ttl how long the client keeps it; null for as long as its session
 * @param sameSite as the attribute is spelt
 */
record StickyConfig(
    String name,
    @Nullable String secret,
    String path,
    @Nullable Duration ttl,
    String sameSite,
    Secure secure,
    boolean httpOnly) {

  private static final int SECRET_LENGTH = 16;

  /** How a client is known again. */
  private enum Type {
    COOKIE
  }

  /** Whether the client may send it over plaintext. */
  enum Secure {
    /** Not to a site that it reached by TLS. */
    AUTO,
    ON,
    OFF
  }

  /** Whether it comes with requests that other sites cause. */
  private enum SameSite {
    LAX("Lax"),
    STRICT("Strict"),
    NONE("None");

    private final String text;

    SameSite(String text) {
      this.text = text;
    }
  }

  static @Nullable StickyConfig decode(LocatedSection upstream) {
    Element element =
        upstream
            .element("sticky")
            .describe(
                "a client's requests go to the endpoint that answered it before; off, or a block")
            .optional()
            .orElse(null);
    if (element == null || (element.isText() && element.text().equals("off"))) {
      return null;
    }
    if (!element.isSection()) {
      element.problem("not a block", "off or { type = cookie, name = … }");
      return null;
    }
    return read(element.section());
  }

  private static StickyConfig read(ConfigSection config) {
    config.choice("type", Type.class).describe("what a client is known again by").required();
    SameSite sameSite =
        config
            .choice("same-site", SameSite.class)
            .describe("whether it comes with requests that other sites cause: lax, strict or none")
            .orElse(SameSite.LAX);
    Secure secure =
        config
            .choice("secure", Secure.class)
            .describe("whether clients may send it over TLS only; auto where they came by TLS")
            .orElse(Secure.AUTO);
    if (sameSite == SameSite.NONE && secure == Secure.OFF) {
      config.problem("same-site", "browsers drop such a cookie unless it is secure", "secure = on");
    }
    return new StickyConfig(
        config
            .string("name")
            .describe("the cookie's name; each upstream that one host reaches needs its own")
            .check(HeaderName::isToken, "a token such as srv")
            .required(),
        config
            .string("secret")
            .describe(
                "what the cookie's values are derived with, the same in every proxy; without it"
                    + " they hold until the process ends")
            .check(secret -> secret.length() >= SECRET_LENGTH, "at least 16 characters")
            .optional()
            .filter(secret -> !secret.isEmpty())
            .orElse(null),
        config
            .string("path")
            .describe("the paths that clients send it with")
            .check(StickyConfig::isPath, "a path that begins with /")
            .orElse("/"),
        ttl(config),
        sameSite.text,
        secure,
        config
            .flag("http-only")
            .describe("whether scripts in a browser cannot read it")
            .orElse(true));
  }

  private static boolean isPath(String path) {
    return path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ';');
  }

  private static @Nullable Duration ttl(ConfigSection config) {
    String meaning = "how long clients keep it, from when it was set; session: until they close";
    Element element =
        LocatedSection.of(config).element("ttl").describe(meaning).optional().orElse(null);
    if (element == null || (element.isText() && element.text().equals("session"))) {
      return null;
    }
    return config
        .duration("ttl")
        .describe(meaning)
        .check(ttl -> ttl.toSeconds() >= 1, "session, or at least 1s")
        .orElse(Duration.ofHours(1));
  }
}
