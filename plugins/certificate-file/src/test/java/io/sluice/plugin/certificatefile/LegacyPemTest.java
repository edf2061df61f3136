package io.sluice.plugin.certificatefile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPrivateKey;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One key, as OpenSSL 3.0 writes it in the clear and in its traditional encryption. */
class LegacyPemTest {

  private static final String CLEAR =
      """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIJZdhJ3iY5EAGcfd
      v++0ZkZazZk9gpx7yXkRN4p3eyShRANCAARyoh5+2Og1jiYshM4uvfOU8naccSj3
      OSFaOF6YSh7kz0ycUeHeuQL3C0k68pRKHUskw1othZnnFsksZNMnAcIz
      -----END PRIVATE KEY-----
      """;

  private static final String AES_128_CBC =
      """
      -----BEGIN EC PRIVATE KEY-----
      Proc-Type: 4,ENCRYPTED
      DEK-Info: AES-128-CBC,76B244F26877517B12E8B9952566F6D8

      QHwmj2YZlmJnshS6D9eKpXuNqx+3vUgfOc9vPx3aCME28Klp5RDFcObtpIs8RYWz
      i9Gr+MFaIo7kAV/tdfsWAc3cx/U33LPAS5tHy5O7gp7bsSNert5BFqvyny5zagoQ
      H9VgOhJijtMg9+CiOOucEGE+4HQaBe//vGFtYvOlYAQ=
      -----END EC PRIVATE KEY-----
      """;

  private static final String AES_192_CBC =
      """
      -----BEGIN EC PRIVATE KEY-----
      Proc-Type: 4,ENCRYPTED
      DEK-Info: AES-192-CBC,41704E96D8C6DB30F4E865082020958E

      Di3uUow/sItwwB2lnMg8W3hMUs8oX2LGLaT62cIgFLrvKOskYfL7OBsJ4UAo1gnH
      Itx6qEmL7XHUYxa9MM0ppsjH6TaoKwE0lmo9bKnKDzqRpLgzamJwVjlX4V21H6lj
      2dB775p8YtlchXzICVRzqXKCaOG7KVNsRcz69Q6buzc=
      -----END EC PRIVATE KEY-----
      """;

  private static final String AES_256_CBC =
      """
      -----BEGIN EC PRIVATE KEY-----
      Proc-Type: 4,ENCRYPTED
      DEK-Info: AES-256-CBC,72E96F6BB17E47C738B797B116BE7ADC

      wip/np+QtqhCHVtCIYzS89tHa1AxQTAzp04tuFeY0jHw8RmBcPsyk7buMKJDE9ee
      QNp/DzACh2tJzgRi3l0aZgRYJP3fJmyvLNfUwBwB7Et31WYdsYQcpvtY5wPa/nZY
      yCGXrioUqGopL88VHf5IIfxpIiUREwa4y+1n3I8ygmY=
      -----END EC PRIVATE KEY-----
      """;

  private static final String DES_EDE3_CBC =
      """
      -----BEGIN EC PRIVATE KEY-----
      Proc-Type: 4,ENCRYPTED
      DEK-Info: DES-EDE3-CBC,B00B6F42DF2E8EE7

      HVAzQRMzcUXvswlUt8lww+RK+kQUL7t0/TWuNVna4ehJ2/5L5I5KPNRMgdkq7lqt
      VBs+ae2YJNjvqkBCdqMiiSVPxw5zImdBeTJxWMiwlJGAAdI96eVngI5kENvS+bgk
      /tI6LvYU3jIWsHRFrZkrDrLpwOI8SxhUec3MjyNtOa0=
      -----END EC PRIVATE KEY-----
      """;

  static Stream<String> sealed() {
    return Stream.of(AES_128_CBC, AES_192_CBC, AES_256_CBC, DES_EDE3_CBC);
  }

  private static BigInteger secret(String pem, @Nullable String password) throws Unusable {
    char[] letters = password == null ? null : password.toCharArray();
    byte[] content = pem.getBytes(StandardCharsets.US_ASCII);
    return ((ECPrivateKey) PemKey.read("key", content, letters)).getS();
  }

  @ParameterizedTest
  @MethodSource("sealed")
  void opensWhatOpenSslSealed(String pem) throws Unusable {
    assertThat(secret(pem, "correct")).isEqualTo(secret(CLEAR, null));
    assertThat(secret(pem.replace("\n", "\r\n"), "correct")).isEqualTo(secret(CLEAR, null));
  }

  private static Unusable refusal(String pem, @Nullable String password) {
    return catchThrowableOfType(Unusable.class, () -> secret(pem, password));
  }

  /** By many passwords, since the padding of one in some two hundred looks right by chance. */
  @ParameterizedTest
  @MethodSource("sealed")
  void everyOtherPasswordIsRefusedAsSuch(String pem) {
    for (int i = 0; i < 1000; i++) {
      Unusable refusal = refusal(pem, "wrong" + i);
      assertThat(refusal).as("wrong%d", i).isNotNull();
      assertThat(refusal.key()).isEqualTo("password");
      assertThat(refusal.problem()).isEqualTo("does not open the key");
    }
  }

  @ParameterizedTest
  @MethodSource("sealed")
  void wantsAPassword(String pem) {
    Unusable refusal = refusal(pem, null);
    assertThat(refusal.key()).isEqualTo("key");
    assertThat(refusal.problem()).isEqualTo("the key is encrypted");
  }

  @Test
  void saysHowToConvertWhatItDoesNotKnow() {
    for (String other :
        new String[] {
          AES_256_CBC.replace("AES-256-CBC", "CAMELLIA-256-CBC"),
          AES_256_CBC.replace("DEK-Info", "X-Info"),
          DES_EDE3_CBC.replace("B00B6F42DF2E8EE7", "B00B")
        }) {
      Unusable refusal = refusal(other, "correct");
      assertThat(refusal.problem())
          .isEqualTo("the key is encrypted in a way that is not known here");
      assertThat(refusal.expected()).contains("openssl pkcs8 -topk8");
    }
  }

  @Test
  void whatIsCutIsRefused() {
    String cut = AES_256_CBC.replaceFirst("\n[^\n]+\n-----END", "\n-----END");
    assertThat(refusal(cut, "correct").problem()).isEqualTo("does not open the key");
  }
}
