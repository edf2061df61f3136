package io.sluice.core.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

class OpenConnectionsTest {

  private static final int MOST = 2;

  /** What another loop does between the decision of one and its effect. */
  private final ArrayDeque<Runnable> meanwhile = new ArrayDeque<>();

  private boolean accepting = true;

  private final OpenConnections open =
      new OpenConnections(
          on -> {
            Runnable other = meanwhile.poll();
            if (other != null) {
              other.run();
            }
            accepting = on;
          });

  @Test
  void acceptsUpToTheBoundAndAgainBelowIt() {
    open.opened(MOST);
    assertThat(accepting).isTrue();
    open.opened(MOST);
    assertThat(accepting).isFalse();
    open.ended(MOST);
    assertThat(accepting).isTrue();
    assertThat(open.get()).isEqualTo(1);
  }

  @Test
  void anEndThatOvertakesTheLastOneToBeAcceptedIsNotForgotten() {
    open.opened(MOST);
    meanwhile.add(() -> open.ended(MOST));
    open.opened(MOST);
    assertThat(open.get()).isEqualTo(1);
    assertThat(accepting).isTrue();
  }

  @Test
  void oneThatComesWhileAnotherEndsIsNotForgotten() {
    open.opened(MOST);
    open.opened(MOST);
    meanwhile.add(() -> open.opened(MOST));
    open.ended(MOST);
    assertThat(open.get()).isEqualTo(2);
    assertThat(accepting).isFalse();
  }
}
