package io.sluice.plugin.certificatefile;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys as OpenSSL encrypts them in its traditional format: header lines in the PEM block (RFC 1421
 * §4.6.1.1, §4.6.1.3) name the cipher, and the key comes of the password and the first eight octets
 * of the initialization vector by MD5, over and over until it is long enough (OpenSSL's manual,
 * PEM_read_bio_PrivateKey(3), "PEM ENCRYPTION FORMAT"). One turn of MD5 is no obstacle to whoever
 * tries passwords, and nothing tells a wrong one for sure.
 */
final class LegacyPem {

  private static final Pattern INFO =
      Pattern.compile("(?m)^DEK-Info:\\s*([A-Z0-9-]+),([0-9A-Fa-f]+)\\s*$");

  private static final int SALT = 8;

  /** What is served. */
  private enum Method {
    AES_128_CBC("AES", 16, 16),
    AES_192_CBC("AES", 24, 16),
    AES_256_CBC("AES", 32, 16),
    DES_EDE3_CBC("DESede", 24, 8);

    final String cipher;
    final int keyBytes;
    final int blockBytes;

    Method(String cipher, int keyBytes, int blockBytes) {
      this.cipher = cipher;
      this.keyBytes = keyBytes;
      this.blockBytes = blockBytes;
    }
  }

  private final Method method;
  private final byte[] vector;

  private LegacyPem(Method method, byte[] vector) {
    this.method = method;
    this.vector = vector;
  }

  /**
   * What the header lines of a block say.
   *
   * @param at the configuration key that names the file
   */
  static LegacyPem of(String at, Pem.Block block, String convert) throws Unusable {
    Matcher info = INFO.matcher(block.text());
    if (info.find()) {
      String name = info.group(1).toUpperCase(Locale.ROOT).replace('-', '_');
      for (Method method : Method.values()) {
        if (method.name().equals(name) && info.group(2).length() == 2 * method.blockBytes) {
          return new LegacyPem(method, HexFormat.of().parseHex(info.group(2)));
        }
      }
    }
    throw new Unusable(at, "the key is encrypted in a way that is not known here", convert);
  }

  byte[] decrypt(byte[] sealed, char[] password) throws Unusable {
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(password));
    byte[] secret = new byte[encoded.remaining()];
    encoded.get(secret);
    try {
      Cipher cipher = Cipher.getInstance(method.cipher + "/CBC/PKCS5Padding");
      cipher.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(key(secret), method.cipher),
          new IvParameterSpec(vector));
      return cipher.doFinal(sealed);
    } catch (BadPaddingException | IllegalBlockSizeException e) {
      throw new Unusable("password", "does not open the key", "");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has these", e);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  private byte[] key(byte[] password) throws GeneralSecurityException {
    MessageDigest md5 = MessageDigest.getInstance("MD5");
    byte[] key = new byte[method.keyBytes];
    byte[] turn = new byte[0];
    for (int done = 0; done < key.length; done += turn.length) {
      md5.update(turn);
      md5.update(password);
      md5.update(vector, 0, SALT);
      turn = md5.digest();
      System.arraycopy(turn, 0, key, done, Math.min(turn.length, key.length - done));
    }
    return key;
  }
}
