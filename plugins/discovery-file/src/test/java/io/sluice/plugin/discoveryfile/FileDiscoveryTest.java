package io.sluice.plugin.discoveryfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import io.sluice.api.upstream.EndpointDiscoveryFactory;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.HeardEndpoints;
import io.sluice.plugin.testkit.PluginTester;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDiscoveryTest {

  private static final Duration POLL = Duration.ofSeconds(5);

  @TempDir Path folder;
  private final FakePluginContext context = new FakePluginContext();
  private final HeardEndpoints heard = new HeardEndpoints();
  private EndpointDiscovery discovery;

  private void start(String hocon) {
    discovery =
        PluginTester.of(new FileDiscoveryFactory())
            .with(context)
            .in(folder)
            .create(hocon)
            .instance();
    discovery.start(heard);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  /** Waits for an event of the file system, with time enough for it to be taken for settled. */
  private void awaitPorts(Integer... ports) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              context.advance(Duration.ofMillis(100));
              return ports().equals(List.of(ports));
            });
  }

  @AfterEach
  void stop() {
    if (discovery != null) {
      discovery.close();
    }
  }

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(EndpointDiscoveryFactory.class))
        .anyMatch(factory -> factory.type().equals("file"));
  }

  @Test
  void readsAtTheStart() throws Exception {
    write("eps.json", "[ \"10.0.0.1:1\" ]");
    start("path = eps.json");
    assertThat(ports()).containsExactly(1);
    assertThat(heard.problems()).isEmpty();
  }

  @Test
  void theFormatGoesByTheNameUnlessItIsSaid() throws Exception {
    write("eps.txt", "[ \"10.0.0.1:1\" ]");
    start("path = eps.txt, format = json");
    assertThat(ports()).containsExactly(1);
  }

  @Test
  void keepsWhatItKnowsWhileTheFileIsInvalidOrGone() throws Exception {
    write("eps.txt", "10.0.0.1:1\n");
    start("path = eps.txt");
    write("eps.txt", "10.0.0.1:1\n10.0.0.2");
    context.advance(POLL);
    assertThat(heard.answers()).hasSize(1);
    assertThat(heard.problems().get(heard.problems().size() - 1))
        .isEqualTo(folder.resolve("eps.txt") + ":2: the last line has no line feed: half-written?");
    Files.delete(folder.resolve("eps.txt"));
    context.advance(POLL);
    assertThat(heard.problems().get(heard.problems().size() - 1))
        .isEqualTo(folder.resolve("eps.txt") + ": no such file");
    write("eps.txt", "10.0.0.3:3\n");
    context.advance(POLL);
    assertThat(ports()).containsExactly(3);
  }

  @Test
  void refusesWhatIsNoText() throws Exception {
    Files.write(folder.resolve("eps.txt"), new byte[] {(byte) 0xff, '\n'});
    start("path = eps.txt");
    assertThat(heard.problems())
        .containsExactly(
            folder.resolve("eps.txt") + " cannot be read: java.io.IOException: not UTF-8");
  }

  @Test
  void hearsOfChangesAtOnce() throws Exception {
    write("eps.txt", "10.0.0.1:1\n");
    start("path = eps.txt, poll = 1h");
    write("eps.txt", "10.0.0.1:2\n");
    awaitPorts(2);
    write("new", "10.0.0.1:3\n");
    Files.move(folder.resolve("new"), folder.resolve("eps.txt"), StandardCopyOption.ATOMIC_MOVE);
    awaitPorts(3);
  }

  @Test
  void followsTheSwappedLinkOfAConfigMap() throws Exception {
    for (int version = 1; version <= 3; version++) {
      Path data = Files.createDirectory(folder.resolve("..2026_" + version));
      Files.writeString(data.resolve("eps.txt"), "10.0.0.1:" + version + "\n");
    }
    Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026_1"));
    Files.createSymbolicLink(folder.resolve("eps.txt"), Path.of("..data", "eps.txt"));
    start("path = eps.txt, poll = 1h");
    assertThat(ports()).containsExactly(1);
    for (int version = 2; version <= 3; version++) {
      Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2026_" + version));
      Files.move(
          folder.resolve("..data_tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
      awaitPorts(version);
    }
  }

  @Test
  void pollsWhatLiesBehindALinkToElsewhere() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path watched = Files.createDirectory(folder.resolve("watched"));
    Files.writeString(elsewhere.resolve("eps.txt"), "10.0.0.1:1\n");
    Files.createSymbolicLink(watched.resolve("eps.txt"), elsewhere.resolve("eps.txt"));
    start("path = watched/eps.txt");
    Files.writeString(elsewhere.resolve("eps.txt"), "10.0.0.1:22\n");
    context.advance(Duration.ofSeconds(4));
    assertThat(ports()).containsExactly(1);
    context.advance(Duration.ofSeconds(1));
    assertThat(ports()).containsExactly(22);
    int answers = heard.answers().size();
    context.advance(Duration.ofMinutes(1));
    assertThat(heard.answers()).as("not read while it stays the same").hasSize(answers);
  }

  @Test
  void waitsForAFolderThatIsNotThereYet() throws Exception {
    start("path = later/eps.txt");
    assertThat(heard.problems()).hasSize(1);
    Files.createDirectory(folder.resolve("later"));
    context.advance(POLL);
    write("later/eps.txt", "10.0.0.1:1\n");
    awaitPorts(1);
  }

  @Test
  void saysNothingOnceClosed() throws Exception {
    write("eps.txt", "10.0.0.1:1\n");
    start("path = eps.txt");
    discovery.close();
    write("eps.txt", "10.0.0.1:2\n");
    context.advance(Duration.ofMinutes(1));
    assertThat(heard.answers()).hasSize(1);
    assertThat(heard.problems()).isEmpty();
  }

  @Test
  void refusesKeysThatCannotBe() {
    assertThat(problems("")).containsExactly("plugin.conf:1: path: is missing (expected: a file)");
    assertThat(problems("path = x, poll = 0, format = xml, watch = on"))
        .containsExactly(
            "plugin.conf:1: format: unknown choice \"xml\" (expected: one of auto, json, lines)",
            "plugin.conf:1: poll: \"0\" is not accepted (expected: more than 0)",
            "plugin.conf:1: watch: unknown key (expected: one of type, path, format, poll,"
                + " debounce)");
  }

  private List<String> problems(String hocon) {
    return PluginTester.of(new FileDiscoveryFactory()).create(hocon).problems();
  }

  private List<Integer> ports() {
    return heard.endpoints().stream().map(EndpointSpec::port).toList();
  }
}
