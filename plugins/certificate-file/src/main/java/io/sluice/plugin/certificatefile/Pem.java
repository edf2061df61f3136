package io.sluice.plugin.certificatefile;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of a PEM file (RFC 7468), whatever text stands between them. One that begins and does
 * not end, or ends where none began, makes the whole file unusable: somebody is writing it.
 */
final class Pem {

  private static final String DASHES = "-----";

  private static final Pattern BOUNDARY =
      Pattern.compile(DASHES + "(?:(BEGIN|END) ([^\\r\\n]*?)" + DASHES + ")?");

  private static final Pattern EMPTY_LINE = Pattern.compile("\\n[ \\t]*\\r?\\n");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  /** One block. */
  record Block(String label, String text) {

    /** Whether it begins with header lines, as the keys that OpenSSL once encrypted. */
    boolean headers() {
      return text.contains(":");
    }

    /** Where the header lines end: at an empty line (RFC 1421 §4.4). */
    private int end() {
      Matcher empty = EMPTY_LINE.matcher(text);
      return empty.find(1) ? empty.end() : text.length(); // a line ends ahead of the text
    }

    byte[] octets(String key) throws Unusable {
      String content = headers() ? text.substring(end()) : text;
      try {
        return Base64.getDecoder().decode(SPACE.matcher(content).replaceAll(""));
      } catch (IllegalArgumentException e) {
        throw new Unusable(key, "a block of " + label + " is not base64", "a PEM file");
      }
    }
  }

  private Pem() {}

  static List<Block> blocks(String key, byte[] content) throws Unusable {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    List<Block> blocks = new ArrayList<>();
    Matcher boundary = BOUNDARY.matcher(text);
    String open = null;
    int begun = 0;
    while (boundary.find()) {
      String label = boundary.group(2);
      boolean begins = "BEGIN".equals(boundary.group(1));
      if (label == null || begins != (open == null) || !(begins || label.equals(open))) {
        throw halfWritten(key, open, text, open == null ? boundary.end() : begun);
      }
      if (begins) {
        begun = boundary.end();
        open = label;
      } else {
        blocks.add(new Block(label, text.substring(begun, boundary.start())));
        open = null;
      }
    }
    if (open != null) {
      throw halfWritten(key, open, text, begun);
    }
    return blocks;
  }

  private static Unusable halfWritten(String key, @Nullable String open, String text, int at) {
    long line = text.substring(0, at).lines().count();
    return new Unusable(
        key,
        open == null
            ? "line " + line + " of the file neither begins nor ends a block"
            : "the block of " + open + " in line " + line + " of the file has no end",
        "a PEM file that is written to its end");
  }

  /** The certificates, at least one. */
  static List<X509Certificate> certificates(String key, byte[] content) throws Unusable {
    List<X509Certificate> found = new ArrayList<>();
    for (Block block : blocks(key, content)) {
      if (block.label().endsWith("CERTIFICATE")) {
        found.add(certificate(key, block.octets(key)));
      }
    }
    if (found.isEmpty()) {
      throw new Unusable(
          key, "the file holds no certificate", "a PEM file with -----BEGIN CERTIFICATE-----");
    }
    return List.copyOf(found);
  }

  private static X509Certificate certificate(String key, byte[] octets) throws Unusable {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(octets));
    } catch (CertificateException e) {
      throw new Unusable(key, "a certificate is not readable: " + e.getMessage(), "");
    }
  }
}
