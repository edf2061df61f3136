package io.sluice.distribution.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SessionTest {

  private static final Path CONFIG = Path.of("sluice.conf");

  private final FakeEngine engine = new FakeEngine();
  private final FakeSignals signals = new FakeSignals();
  private final StringWriter err = new StringWriter();
  private final Session session =
      new Session(new World(engine, Map.of(), Path.of(""), signals), new PrintWriter(err, true));

  @Test
  void drainsThenClosesAtTermAndAnswersZero() throws Refusal {
    int code = session.run(CONFIG, null, running -> signals.send("TERM"));
    assertThat(code).isZero();
    assertThat(engine.calls).containsExactly("start sluice.conf", "drain", "close");
    assertThat(err.toString()).contains("draining for up to 30s").contains("drained");
  }

  @Test
  void drainsAtIntToo() throws Refusal {
    assertThat(session.run(CONFIG, null, running -> signals.send("INT"))).isZero();
    assertThat(engine.calls).contains("drain");
  }

  @Test
  void saysWhenTheTimeoutCutWorkOff() throws Refusal {
    engine.drains = false;
    session.run(CONFIG, null, running -> signals.send("TERM"));
    assertThat(err.toString()).contains("30s are over, closing what is still open");
  }

  @Test
  void reloadsAtHupAndGoesOn() throws Refusal {
    engine.after =
        call -> {
          if (call.equals("reload")) {
            signals.send("TERM");
          }
        };
    session.run(CONFIG, null, running -> signals.send("HUP"));
    assertThat(engine.calls).containsExactly("start sluice.conf", "reload", "drain", "close");
    assertThat(err.toString()).contains("sluice: reloaded\n  routes: 1 changed\n");
  }

  @Test
  void printsTheProblemsOfARefusedReload() throws Refusal {
    engine.nextReload = new Engine.Reload(false, List.of("sluice.conf:1: x: wrong"));
    engine.after =
        call -> {
          if (call.equals("reload")) {
            signals.send("TERM");
          }
        };
    session.run(CONFIG, null, running -> signals.send("HUP"));
    assertThat(err.toString())
        .contains("reload refused, the running config stays in force:\n  sluice.conf:1: x: wrong");
  }

  @Test
  void endsByItselfWhenItsTimeIsOver() throws Refusal {
    assertThat(session.run(CONFIG, Duration.ofMillis(1), running -> {})).isZero();
    assertThat(engine.calls).containsExactly("start sluice.conf", "drain", "close");
  }

  @Test
  void aSignalDuringTheStartStopsAfterIt() throws Refusal {
    engine.after =
        call -> {
          if (call.startsWith("start")) {
            signals.send("TERM");
          }
        };
    assertThat(session.run(CONFIG, null, running -> {})).isZero();
    assertThat(engine.calls).containsExactly("start sluice.conf", "drain", "close");
  }

  @Test
  void passesOnThatItCouldNotStart() {
    engine.refusal = Refusal.couldNotStart("port taken");
    assertThatThrownBy(() -> session.run(CONFIG, null, running -> {}))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.exitCode()).isEqualTo(3);
              assertThat(refusal.lines()).containsExactly("sluice: port taken");
            });
  }
}
