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

/** The blocks of a PEM file (RFC 7468), whatever text stands between them. */
final class Pem {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  private static final Pattern EMPTY_LINE = Pattern.compile("\\n[ \\t]*\\r?\\n");

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
      try {
        return Base64.getMimeDecoder().decode(headers() ? text.substring(end()) : text);
      } catch (IllegalArgumentException e) {
        throw new Unusable(key, "a block of " + label + " is not base64", "a PEM file");
      }
    }
  }

  private Pem() {}

  static List<Block> blocks(byte[] content) {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(new String(content, StandardCharsets.ISO_8859_1));
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), matcher.group(2)));
    }
    return blocks;
  }

  /** The certificates, at least one. */
  static List<X509Certificate> certificates(String key, byte[] content) throws Unusable {
    List<X509Certificate> found = new ArrayList<>();
    for (Block block : blocks(content)) {
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
