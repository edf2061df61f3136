package io.sluice.plugin.certificatefile;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.PBEParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Opens what PBES2 sealed (RFC 8018 §6.2) with a password that is not ASCII. The JDK's own way
 * takes ASCII alone, where OpenSSL and others take the password as the octets of UTF-8.
 */
final class Pbkdf2 {

  /** As the JDK calls the functions. */
  private static final Pattern FUNCTIONS = Pattern.compile("PBEWith(Hmac.+)AndAES_([0-9]+)");

  private Pbkdf2() {}

  static boolean needed(char[] password) {
    return CharBuffer.wrap(password).chars().anyMatch(each -> each < ' ' || each > '~');
  }

  /**
   * The octets that were sealed.
   *
   * @throws NoSuchAlgorithmException for functions that are not known here
   */
  static byte[] open(byte[] sealed, @Nullable AlgorithmParameters parameters, char[] password)
      throws GeneralSecurityException {
    Matcher functions = FUNCTIONS.matcher(String.valueOf(parameters));
    if (parameters == null || !functions.matches()) {
      throw new NoSuchAlgorithmException("not PBES2 with AES");
    }
    PBEParameterSpec how = parameters.getParameterSpec(PBEParameterSpec.class);
    AlgorithmParameterSpec vector = how.getParameterSpec();
    byte[] key =
        derive(functions.group(1), utf8(password), how, Integer.parseInt(functions.group(2)) / 8);
    Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
    cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), vector);
    return cipher.doFinal(sealed);
  }

  private static byte[] utf8(char[] password) {
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(password));
    byte[] octets = new byte[encoded.remaining()];
    encoded.get(octets);
    return octets;
  }

  /** PBKDF2 (RFC 8018 §5.2). */
  private static byte[] derive(String hmac, byte[] password, PBEParameterSpec how, int length)
      throws GeneralSecurityException {
    Mac mac = Mac.getInstance(hmac);
    mac.init(new SecretKeySpec(password, hmac));
    byte[] key = new byte[length];
    int number = 1;
    for (int done = 0; done < length; done += mac.getMacLength()) {
      mac.update(how.getSalt());
      byte[] turn = mac.doFinal(ByteBuffer.allocate(Integer.BYTES).putInt(number++).array());
      byte[] block = turn.clone();
      for (int i = 1; i < how.getIterationCount(); i++) {
        turn = mac.doFinal(turn);
        for (int at = 0; at < block.length; at++) {
          block[at] ^= turn[at];
        }
      }
      System.arraycopy(block, 0, key, done, Math.min(block.length, length - done));
    }
    Arrays.fill(password, (byte) 0);
    return key;
  }
}
