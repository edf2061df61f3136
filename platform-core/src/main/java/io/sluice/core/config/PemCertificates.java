package io.sluice.core.config;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
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
 * Certificates in PEM (RFC 7468 §5), one behind the other, whatever stands between them. A block
 * that begins and does not end, or ends where none began, makes the whole of it unreadable:
 * somebody is writing it.
 */
public final class PemCertificates {

  private static final String DASHES = "-----";

  private static final Pattern BOUNDARY =
      Pattern.compile(DASHES + "(?:(BEGIN|END) ([^\\r\\n]*?)" + DASHES + ")?");

  private static final Pattern SPACE = Pattern.compile("\\s+");

  private PemCertificates() {}

  /**
   * Reads all of a text or a file.
   *
   * @return at least one, in order
   * @throws CertificateException when there is none, or one that cannot be read
   */
  public static List<X509Certificate> read(byte[] pem) throws CertificateException {
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    List<X509Certificate> found = text.contains(DASHES) ? blocks(text) : certificates(pem);
    if (found.isEmpty()) {
      throw new CertificateException("holds no certificate");
    }
    return List.copyOf(found);
  }

  private static List<X509Certificate> blocks(String text) throws CertificateException {
    List<X509Certificate> found = new ArrayList<>();
    Matcher boundary = BOUNDARY.matcher(text);
    String open = null;
    int begun = 0;
    while (boundary.find()) {
      String label = boundary.group(2);
      boolean begins = "BEGIN".equals(boundary.group(1));
      if (label == null || begins != (open == null) || !(begins || label.equals(open))) {
        throw halfWritten(open, text, open == null ? boundary.end() : begun);
      }
      if (begins) {
        begun = boundary.end();
        open = label;
      } else {
        if (label.endsWith("CERTIFICATE")) {
          found.addAll(certificates(octets(text.substring(begun, boundary.start()))));
        }
        open = null;
      }
    }
    if (open != null) {
      throw halfWritten(open, text, begun);
    }
    return found;
  }

  private static CertificateException halfWritten(@Nullable String open, String text, int at) {
    long line = text.substring(0, at).lines().count();
    return new CertificateException(
        open == null
            ? "line " + line + " neither begins nor ends a block"
            : "the block of " + open + " in line " + line + " has no end");
  }

  private static byte[] octets(String text) throws CertificateException {
    try {
      return Base64.getDecoder().decode(SPACE.matcher(text).replaceAll(""));
    } catch (IllegalArgumentException e) {
      throw new CertificateException("a certificate is not base64", e);
    }
  }

  private static List<X509Certificate> certificates(byte[] octets) throws CertificateException {
    List<X509Certificate> found = new ArrayList<>();
    for (Certificate each :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(octets))) {
      found.add((X509Certificate) each);
    }
    return found;
  }

  /** As of a file. */
  public static List<X509Certificate> read(String pem) throws CertificateException {
    return read(pem.getBytes(StandardCharsets.US_ASCII));
  }
}
