package io.sluice.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code conf/reference.conf} names every key, those of later versions included. */
class ReferenceIT {

  /** What this version refuses by name, and what hangs on it. */
  private static final List<String> LATER =
      List.of(
          "not available in this version",
          "plugin is installed",
          "tls.certificates[0].certificate: no such file", // certs/site.pem is the user's
          "upstreams.users.tls.certificate: no such file", // and so is certs/client.pem
          "unknown cache \"main\"");

  @Test
  void isRefusedOnlyForWhatThisVersionDoesNotHave() {
    String reference = Installation.home().resolve("conf").resolve("reference.conf").toString();
    Command check = Command.sluice("check", reference);
    assertThat(check.out())
        .isNotEmpty()
        .allMatch(problem -> LATER.stream().anyMatch(problem::contains), "names what comes later");
  }
}
