package io.sluice.core.route;

import io.netty.util.NetUtil;
import io.sluice.api.tls.ClientIdentity.NameKind;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.route.ClientCertificateCondition.AlternativeName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** Reads what a route asks of the client's certificate. */
final class ClientCertificateDecoder {

  private static final String PATTERN = "names, or with a * at one end";
  private static final String DISTINGUISHED = "distinguished names such as CN=a,O=b";

  private final LocatedSection block;

  private ClientCertificateDecoder(LocatedSection block) {
    this.block = block;
  }

  /** The condition under {@code client-cert}; null where it is absent. */
  static @Nullable ClientCertificateCondition decode(LocatedSection match) {
    Element element =
        match
            .element("client-cert")
            .describe("the client's certificate: any, none, or a block of what it must have")
            .optional()
            .orElse(null);
    if (element == null) {
      return null;
    }
    if (element.isSection()) {
      return new ClientCertificateDecoder(element.section()).condition();
    }
    String text = element.isText() ? element.text() : "";
    if (!text.equals("any") && !text.equals("none")) {
      element.problem("says not what to look for", "any, none or { san = … }");
    }
    return text.equals("none") ? ClientCertificateCondition.NONE : ClientCertificateCondition.ANY;
  }

  private ClientCertificateCondition condition() {
    if (block.keys().isEmpty()) {
      block.problem("", "asks for nothing", "subject, issuer, common-name, san or fingerprint");
    }
    return new ClientCertificateCondition(
        true,
        list("subject", "its subject, whole", ClientCertificateDecoder::principal, DISTINGUISHED),
        list("issuer", "who signed it, whole", ClientCertificateDecoder::principal, DISTINGUISHED),
        list(
            "common-name",
            "the common name of its subject; * at the beginning or end for any text",
            NamePattern::parse,
            PATTERN),
        list(
            "san",
            "a subject alternative name, dns:, uri:, email: or ip: before it if need be; * at the"
                + " beginning or end for any text",
            ClientCertificateDecoder::alternativeName,
            PATTERN),
        list(
            "fingerprint",
            "SHA-256 of the certificate in hexadecimal",
            ClientCertificateDecoder::fingerprint,
            "64 hexadecimal digits"));
  }

  private <T> List<T> list(
      String key, String meaning, Function<String, ? extends T> parse, String expected) {
    return MatchDecoder.<T>list(block, key, meaning, parse, expected).orElse(List.of());
  }

  private static X500Principal principal(String text) {
    try {
      return new X500Principal(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + text + "\" is no distinguished name", e);
    }
  }

  private static AlternativeName alternativeName(String text) {
    for (NameKind kind : NameKind.values()) {
      String prefix = kind.word() + ":";
      if (text.startsWith(prefix)) {
        return alternativeName(kind, text.substring(prefix.length()));
      }
    }
    if (text.contains("://")) {
      return alternativeName(NameKind.URI, text);
    }
    if (text.indexOf('@') >= 0) {
      return alternativeName(NameKind.EMAIL, text);
    }
    return alternativeName(
        NetUtil.createByteArrayFromIpAddressString(text) == null ? NameKind.DNS : NameKind.IP,
        text);
  }

  private static AlternativeName alternativeName(NameKind kind, String text) {
    String spelt =
        switch (kind) {
          case DNS -> text.toLowerCase(Locale.ROOT);
          case IP -> address(text);
          case URI, EMAIL -> text;
        };
    return new AlternativeName(kind, NamePattern.parse(spelt));
  }

  /** An address as {@link io.sluice.api.tls.ClientIdentity} spells it. */
  private static String address(String text) {
    byte[] octets = NetUtil.createByteArrayFromIpAddressString(text);
    if (octets == null) {
      throw new IllegalArgumentException("\"" + text + "\" is no address");
    }
    try {
      return InetAddress.getByAddress(octets).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 octets", e);
    }
  }

  private static String fingerprint(String text) {
    String digits = text.replace(":", "");
    if (!digits.matches("[0-9A-Fa-f]{64}")) {
      throw new IllegalArgumentException("\"" + text + "\" is no SHA-256 fingerprint");
    }
    return digits.toLowerCase(Locale.ROOT);
  }
}
