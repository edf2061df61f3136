package io.sluice.plugin.certificatefile;

import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the files held when they were read, certificates and keys checked against each other.
 *
 * @param contents the octets of each file, by which a change is noticed
 * @param warnings what is odd about them and serves all the same
 */
record Loaded(List<KeyedCertificate> certificates, List<byte[]> contents, List<String> warnings) {

  /** Reads the files. Blocks. */
  static Loaded read(FileCertificatesConfig config, Clock clock) throws Unusable {
    List<byte[]> contents = contents(config);
    byte[] ocsp = config.ocsp() == null ? null : contents.get(contents.size() - 1);
    List<KeyedCertificate> certificates =
        config.keystore() != null
            ? keystore(config.keystore(), contents.get(0), config.password(), ocsp)
            : List.of(pem(config, contents, ocsp));
    List<String> warnings = new ArrayList<>();
    for (KeyedCertificate certificate : certificates) {
      warn(certificate.chain().get(0), clock.instant(), warnings);
    }
    return new Loaded(certificates, contents, List.copyOf(warnings));
  }

  /** The octets of each file that the configuration names. Blocks. */
  static List<byte[]> contents(FileCertificatesConfig config) throws Unusable {
    List<byte[]> contents = new ArrayList<>();
    if (config.keystore() != null) {
      contents.add(octets("keystore", config.keystore()));
    }
    if (config.certificate() != null) {
      contents.add(octets("certificate", config.certificate()));
    }
    if (config.key() != null) {
      contents.add(octets("key", config.key()));
    }
    if (config.ocsp() != null) {
      contents.add(octets("ocsp", config.ocsp()));
    }
    return contents;
  }

  private static byte[] octets(String key, Path file) throws Unusable {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new Unusable(key, "no such file: " + file, "");
    } catch (AccessDeniedException e) {
      throw new Unusable(key, "may not be read: " + file, "");
    } catch (IOException e) {
      throw new Unusable(key, "cannot be read: " + file + ": " + e.getMessage(), "");
    }
  }

  boolean sameAs(List<byte[]> others) {
    if (contents.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < others.size(); i++) {
      if (!Arrays.equals(contents.get(i), others.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static KeyedCertificate pem(
      FileCertificatesConfig config, List<byte[]> contents, byte @Nullable [] ocsp)
      throws Unusable {
    List<X509Certificate> chain = Pem.certificates("certificate", contents.get(0));
    boolean apart = config.key() != null;
    PrivateKey key =
        PemKey.read(apart ? "key" : "certificate", contents.get(apart ? 1 : 0), config.password());
    String at = apart ? "key" : "certificate";
    checkMatch(at, chain.get(0), key);
    List<X509Certificate> ordered = Chain.ordered("certificate", chain);
    return new KeyedCertificate(ordered, key, List.of(), ocsp);
  }

  private static List<KeyedCertificate> keystore(
      Path file, byte[] content, char @Nullable [] password, byte @Nullable [] ocsp)
      throws Unusable {
    char[] opens = password == null ? new char[0] : password;
    List<KeyedCertificate> found = new ArrayList<>();
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new ByteArrayInputStream(content), opens);
      for (String alias : Collections.list(store.aliases())) {
        Key key = store.getKey(alias, opens);
        Certificate[] chain = store.getCertificateChain(alias);
        if (key instanceof PrivateKey secret && chain != null && chain.length > 0) {
          List<X509Certificate> certificates =
              Arrays.stream(chain).map(X509Certificate.class::cast).toList();
          checkMatch("keystore", certificates.get(0), secret);
          found.add(new KeyedCertificate(certificates, secret, List.of(), ocsp));
        }
      }
    } catch (IOException e) {
      if (e.getCause() instanceof UnrecoverableKeyException) {
        throw wrongPassword(password);
      }
      throw new Unusable("keystore", file + " is not readable as PKCS#12", "a PKCS#12 file");
    } catch (UnrecoverableKeyException e) {
      throw wrongPassword(password);
    } catch (GeneralSecurityException e) {
      throw new Unusable("keystore", file + " cannot be used: " + e.getMessage(), "");
    }
    if (found.isEmpty()) {
      throw new Unusable("keystore", file + " holds no certificate with its key", "");
    }
    if (ocsp != null && found.size() > 1) {
      throw new Unusable(
          "ocsp", "is for one certificate, and the keystore has " + found.size(), "one each");
    }
    return List.copyOf(found);
  }

  private static Unusable wrongPassword(char @Nullable [] password) {
    return password == null
        ? new Unusable("keystore", "is encrypted", "password = ${…}")
        : new Unusable(
            "password",
            "does not open the keystore",
            Pbkdf2.needed(password) ? "a password of ASCII, which the JDK needs here" : "");
  }

  private static void checkMatch(String at, X509Certificate leaf, PrivateKey key) throws Unusable {
    if (!KeyMatch.signs(key)) {
      throw new Unusable(at, "a key of this kind is not served", KeyMatch.SERVED);
    }
    if (!KeyMatch.belongs(key, leaf)) {
      throw new Unusable(
          at,
          "the key does not match the first certificate, "
              + leaf.getSubjectX500Principal().getName(),
          "the key of that certificate");
    }
  }

  private static void warn(X509Certificate leaf, Instant now, List<String> warnings) {
    String name = leaf.getSubjectX500Principal().getName();
    if (now.isAfter(leaf.getNotAfter().toInstant())) {
      warnings.add("the certificate of " + name + " expired on " + leaf.getNotAfter().toInstant());
    } else if (now.isBefore(leaf.getNotBefore().toInstant())) {
      warnings.add(
          "the certificate of " + name + " is valid from " + leaf.getNotBefore().toInstant());
    }
  }
}
