package io.sluice.core.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ports that the kernel lends to connections which ask for none (RFC 6056 §2.1, ephemeral
 * ports), as they are when the process starts; every port where it does not say.
 */
record LentPorts(int first, int last) {

  private static final Logger log = LoggerFactory.getLogger(LentPorts.class);
  private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
  private static final LentPorts ANY = new LentPorts(0, 65_535);

  /** Those of this machine. */
  static LentPorts ofSystem() {
    return Files.exists(RANGE) ? of(RANGE) : ANY;
  }

  /** Those that a file names by two numbers, the first and the last. */
  static LentPorts of(Path range) {
    try {
      String[] numbers = Files.readString(range).trim().split("\\s+");
      return new LentPorts(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      log.debug("{} does not say which ports are lent, so any may be", range, e);
      return ANY;
    }
  }

  boolean contains(int port) {
    return first <= port && port <= last;
  }
}
