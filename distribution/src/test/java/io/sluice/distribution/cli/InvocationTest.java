package io.sluice.distribution.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.distribution.cli.Invocation.Kind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InvocationTest {

  @Test
  void runAndABareFileServeWithoutTheParser() {
    assertThat(Invocation.of("run")).isEqualTo(new Invocation(Kind.SERVE, null));
    assertThat(Invocation.of("run", "a")).isEqualTo(new Invocation(Kind.SERVE, Path.of("a")));
    assertThat(Invocation.of("a.conf")).isEqualTo(new Invocation(Kind.SERVE, Path.of("a.conf")));
    assertThat(Invocation.of("etc/a")).isEqualTo(new Invocation(Kind.SERVE, Path.of("etc/a")));
  }

  @Test
  void anythingElseOfRunIsForTheParser() {
    assertThat(Invocation.of("run", "--help").kind()).isEqualTo(Kind.LONG);
    assertThat(Invocation.of("run", "a", "b").kind()).isEqualTo(Kind.LONG);
    assertThat(Invocation.of("a.conf", "b").kind()).isEqualTo(Kind.LONG);
    assertThat(Invocation.of("demo").kind()).isEqualTo(Kind.LONG);
    assertThat(Invocation.of("chek").kind()).isEqualTo(Kind.LONG);
  }

  @Test
  void commandsThatAnswerAndEndAreBrief() {
    assertThat(Invocation.of().kind()).isEqualTo(Kind.BRIEF);
    assertThat(Invocation.of("--help").kind()).isEqualTo(Kind.BRIEF);
    assertThat(Invocation.of("check", "a.conf").kind()).isEqualTo(Kind.BRIEF);
  }
}
