package io.sluice.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An example from {@code conf/examples}, as it is shipped but for ports: 8080 and 9901 become free
 * ones, those of its endpoints become the ones that the test opened.
 */
final class Example {

  private String text;

  private Example(String text) {
    this.text = text;
  }

  static Example shipped(String name) {
    try {
      String text = Files.readString(Installation.example(name));
      return new Example(text.replace("\":8080\"", "\"127.0.0.1:0\""))
          .replace("\"127.0.0.1:9901\"", "\"127.0.0.1:0\"");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts an endpoint where the example has {@code port}. */
  Example endpoint(int port, ScriptedEndpoint endpoint) {
    return port(port, endpoint.port());
  }

  Example port(int shipped, int real) {
    return replace("127.0.0.1:" + shipped, "127.0.0.1:" + real);
  }

  /** Changes what must be in the example. */
  Example replace(String shipped, String other) {
    if (!text.contains(shipped)) {
      throw new AssertionError("the example has no " + shipped);
    }
    text = text.replace(shipped, other);
    return this;
  }

  SluiceProcess run(Path folder) {
    return SluiceProcess.run(folder, text);
  }

  String text() {
    return text;
  }

  /** A port that was free a moment ago. */
  static int freePort() {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
