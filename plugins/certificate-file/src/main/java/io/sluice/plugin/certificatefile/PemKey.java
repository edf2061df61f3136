package io.sluice.plugin.certificatefile;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The private key in a PEM file: PKCS#8 (RFC 5208), plain or encrypted by PBES2 (RFC 8018), PKCS#1
 * (RFC 8017) or SEC 1 (RFC 5915), these plain or encrypted as {@link LegacyPem} has it.
 */
final class PemKey {

  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");
  private static final String CONVERT = "openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW";

  private PemKey() {}

  /**
   * Reads the first key.
   *
   * @param at the configuration key that names the file
   */
  static PrivateKey read(String at, byte[] content, char @Nullable [] password) throws Unusable {
    for (Pem.Block block : Pem.blocks(at, content)) {
      if (block.label().endsWith("PRIVATE KEY")) {
        return key(at, block, password);
      }
    }
    throw new Unusable(
        at, "the file holds no private key", "a PEM file with -----BEGIN PRIVATE KEY-----");
  }

  private static PrivateKey key(String at, Pem.Block block, char @Nullable [] password)
      throws Unusable {
    if (block.label().equals("ENCRYPTED PRIVATE KEY")) {
      return encrypted(at, block.octets(at), password);
    }
    return block.headers() ? legacy(at, block, password) : plain(at, block, block.octets(at));
  }

  private static PrivateKey plain(String at, Pem.Block block, byte[] octets) throws Unusable {
    try {
      return switch (block.label()) {
        case "PRIVATE KEY" -> plain(at, octets);
        case "RSA PRIVATE KEY" -> plain(at, Der.wrapRsa(octets));
        case "EC PRIVATE KEY" -> plain(at, Der.wrapEc(octets));
        default ->
            throw new Unusable(at, "a key of the kind " + block.label() + " is not served", "");
      };
    } catch (IllegalArgumentException e) {
      throw new Unusable(at, "the " + block.label() + " is not readable", "");
    }
  }

  private static PrivateKey legacy(String at, Pem.Block block, char @Nullable [] password)
      throws Unusable {
    LegacyPem sealed = LegacyPem.of(at, block, CONVERT);
    if (password == null) {
      throw new Unusable(at, "the key is encrypted", "password = ${…}");
    }
    byte[] octets = sealed.decrypt(block.octets(at), password);
    try {
      return plain(at, block, octets);
    } catch (Unusable e) {
      throw new Unusable("password", "does not open the key", ""); // by chance without a trace
    }
  }

  /** What a password opened, which tells a wrong one by its padding, and by chance does not. */
  private static PrivateKey opened(byte[] pkcs8) throws Unusable {
    try {
      return plain("password", pkcs8);
    } catch (Unusable e) {
      throw new Unusable("password", "does not open the key", "");
    }
  }

  private static PrivateKey plain(String at, byte[] pkcs8) throws Unusable {
    for (String algorithm : ALGORITHMS) {
      PrivateKey key = plain(algorithm, new PKCS8EncodedKeySpec(pkcs8));
      if (key != null) {
        return key;
      }
    }
    throw new Unusable(at, "the key is not readable", KeyMatch.SERVED);
  }

  private static @Nullable PrivateKey plain(String algorithm, PKCS8EncodedKeySpec key) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(key);
    } catch (InvalidKeySpecException | NoSuchAlgorithmException e) {
      return null; // it is a key of another algorithm
    }
  }

  private static PrivateKey encrypted(String at, byte[] octets, char @Nullable [] password)
      throws Unusable {
    if (password == null) {
      throw new Unusable(at, "the key is encrypted", "password = ${…}");
    }
    try {
      EncryptedPrivateKeyInfo sealed = new EncryptedPrivateKeyInfo(octets);
      if (Pbkdf2.needed(password)) {
        return opened(Pbkdf2.open(sealed.getEncryptedData(), sealed.getAlgParameters(), password));
      }
      // For PBES2 the parameters, not the object, say by which functions it was sealed.
      String algorithm =
          sealed.getAlgParameters() == null
              ? sealed.getAlgName()
              : sealed.getAlgParameters().toString();
      SecretKey secret =
          SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password));
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(Cipher.DECRYPT_MODE, secret, sealed.getAlgParameters());
      return plain(at, sealed.getKeySpec(cipher).getEncoded());
    } catch (InvalidKeySpecException | InvalidKeyException | BadPaddingException e) {
      throw new Unusable("password", "does not open the key", "");
    } catch (IOException | GeneralSecurityException e) {
      throw new Unusable(at, "the key is encrypted in a way that is not known here", CONVERT);
    }
  }
}
