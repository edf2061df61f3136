package io.sluice.plugin.certificatefile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.X509Bundle;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.PluginTester;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCertificatesTest {

  private final FakePluginContext context = new FakePluginContext();
  private final Heard heard = new Heard();

  @TempDir Path folder;

  @Test
  void pushesWhatChangedAndNothingElse() {
    CertificateSource source = started(Made.ec("one"));
    assertThat(heard.names).containsExactly("CN=one");
    source.refresh();
    assertThat(heard.names).containsExactly("CN=one");

    write(Made.ec("two"));
    source.refresh();
    source.refresh();
    assertThat(heard.names).containsExactly("CN=one", "CN=two");
  }

  @Test
  void waitsUntilBothFilesFitTogether() {
    CertificateSource source = started(Made.ec("one"));
    X509Bundle two = Made.ec("two");
    Made.write(folder, "c.pem", two.getCertificatePathPEM());
    source.refresh();
    assertThat(heard.names).containsExactly("CN=one");
    assertThat(heard.errors).singleElement().asString().contains("does not match");

    Made.write(folder, "k.pem", two.getPrivateKeyPEM());
    source.refresh();
    assertThat(heard.names).containsExactly("CN=one", "CN=two");
  }

  @Test
  void waitsUntilAChainIsWrittenToItsEnd() {
    CertificateSource source = started(Made.ec("one"));
    List<X509Bundle> chain = Made.chain();
    String leaf = chain.get(0).getCertificatePEM();
    String next = chain.get(1).getCertificatePEM();
    Made.write(folder, "k.pem", chain.get(0).getPrivateKeyPEM());
    Made.write(folder, "c.pem", leaf + next.substring(0, next.length() / 2));
    source.refresh();
    assertThat(heard.names).containsExactly("CN=one");
    assertThat(heard.errors).singleElement().asString().contains("has no end");

    Made.write(folder, "c.pem", leaf + next);
    source.refresh();
    assertThat(heard.names).containsExactly("CN=one", "CN=leaf");
  }

  @Test
  void reportsAFileThatIsGone() throws Exception {
    CertificateSource source = started(Made.ec("one"));
    java.nio.file.Files.delete(folder.resolve("k.pem"));
    source.refresh();
    assertThat(heard.errors).containsExactly("key: no such file: " + folder.resolve("k.pem"));
  }

  @Test
  void staysSilentOnceClosed() {
    CertificateSource source = started(Made.ec("one"));
    source.close();
    write(Made.ec("two"));
    source.refresh();
    assertThat(heard.names).containsExactly("CN=one");
  }

  @Test
  void servesAnExpiredCertificateAndWarns() {
    Instant now = context.clock().instant();
    write(Made.valid("old", now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(1))));
    assertThat(loaded().warnings())
        .singleElement()
        .asString()
        .startsWith("the certificate of CN=old expired on ");
    write(Made.valid("new", now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(9))));
    assertThat(loaded().warnings())
        .singleElement()
        .asString()
        .startsWith("the certificate of CN=new is valid from ");
  }

  private Loaded loaded() {
    try {
      return Loaded.read(
          new FileCertificatesConfig(
              folder.resolve("c.pem"), folder.resolve("k.pem"), null, null, null, null),
          context.clock());
    } catch (Unusable e) {
      throw new AssertionError(e);
    }
  }

  private CertificateSource started(X509Bundle bundle) {
    write(bundle);
    CertificateSource source =
        PluginTester.of(new FileCertificatesFactory())
            .with(context)
            .in(folder)
            .create("certificate = c.pem, key = k.pem")
            .instance();
    source.start(heard);
    return source;
  }

  private void write(X509Bundle bundle) {
    Made.write(folder, "c.pem", bundle.getCertificatePathPEM());
    Made.write(folder, "k.pem", bundle.getPrivateKeyPEM());
  }

  private static final class Heard implements CertificateSource.Listener {
    private final List<String> names = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();

    @Override
    public void onCertificates(List<KeyedCertificate> certificates) {
      certificates.forEach(
          each -> names.add(each.chain().get(0).getSubjectX500Principal().getName()));
    }

    @Override
    public void onError(String problem, @Nullable Throwable cause) {
      errors.add(problem);
    }
  }
}
