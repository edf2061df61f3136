package io.sluice.plugin.healthchecktcp;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.config.ConfigValue;

/**
 * The keys of the {@code tcp} health check.
 *
 * @param send octets sent once connected; empty to send nothing
 * @param expect octets that the answer must hold; empty to read nothing
 */
record TcpHealthCheckConfig(byte[] send, byte[] expect) {

  static TcpHealthCheckConfig decode(ConfigSection config) {
    return new TcpHealthCheckConfig(
        octets(config.string("send").describe("text sent once connected")),
        octets(config.string("expect").describe("text that the answer must hold")));
  }

  private static byte[] octets(ConfigValue<String> text) {
    byte[] none = new byte[0];
    return text.map(Octets::of, Octets.EXPECTED, none).optional().orElse(none);
  }
}
