package io.sluice.core.admin;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.config.ConfigValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The {@code admin} block.
 *
 * @param bind where to listen; null for nowhere
 * @param token what callers must show; null for none, and then {@code bind} is a loopback address
 * @param metricsBind where to listen besides, for {@code /metrics} and {@code /health} only; null
 *     for nowhere
 * @param hosts names that a Host field may have, besides IP literals and loopback names; {@code *.}
 *     in front stands for one or more labels; lower case
 */
public record AdminConfig(
    @Nullable BindAddress bind,
    @Nullable String token,
    @Nullable BindAddress metricsBind,
    List<String> hosts) {

  private static final Binding DEFAULT_BIND = new Binding(new BindAddress("127.0.0.1", 9901));
  private static final String ADDRESS = "HOST:PORT such as 127.0.0.1:9901, or off";

  /** Reads the block; what is wrong goes to {@code config}. */
  public static AdminConfig decode(ConfigSection config) {
    Binding bind = address(config, "bind", "where the admin API listens").orElse(DEFAULT_BIND);
    Optional<String> token =
        config
            .string("token")
            .describe(
                "what callers must show as \"Authorization: Bearer …\"; without it the API listens on"
                    + " loopback addresses only")
            .check(AdminConfig::isToken, "visible ASCII characters, at least one")
            .optional();
    Binding metricsBind =
        address(
                config,
                "metrics-bind",
                "where /metrics and /health are served besides, without a token")
            .orElse(Binding.OFF);
    List<String> hosts =
        config
            .strings("hosts")
            .describe(
                "names under which the admin API is reached, besides IP addresses and localhost;"
                    + " *.example.com takes in every name below")
            .check(AdminConfig::areNames, "host names without port")
            .orElse(List.of());
    checkTogether(config, bind, token.isPresent() || config.has("token"), metricsBind);
    return new AdminConfig(
        bind.address(),
        token.orElse(null),
        metricsBind.address(),
        hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList());
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "AdminConfig[bind=%s, token=%s, metricsBind=%s, hosts=%s]"
        .formatted(bind, token == null ? "none" : "***", metricsBind, hosts);
  }

  private static ConfigValue<Binding> address(ConfigSection config, String key, String meaning) {
    return config
        .string(key)
        .describe(meaning)
        .map(AdminConfig::addressOrOff, ADDRESS, Binding.OFF);
  }

  private static Binding addressOrOff(String text) {
    if (text.equals("off")) {
      return Binding.OFF;
    }
    @Nullable BindAddress address = BindAddress.parse(text);
    if (address == null) {
      throw new IllegalArgumentException("\"" + text + "\" is not an address");
    }
    return new Binding(address);
  }

  private static void checkTogether(
      ConfigSection config, Binding bind, boolean token, Binding metricsBind) {
    @Nullable BindAddress address = bind.address();
    if (address == null) {
      return;
    }
    if (!token && !address.isLoopback()) {
      config.problem(
          "bind",
          address + " can be reached from elsewhere, and there is no token",
          "a token, or a loopback address such as 127.0.0.1:" + address.port());
    }
    if (bind.equals(metricsBind) && address.port() != 0) {
      config.problem("metrics-bind", "this is bind's address", "another address or port");
    }
  }

  /** An address or {@code off}, as written. */
  private record Binding(@Nullable BindAddress address) {
    static final Binding OFF = new Binding(null);

    @Override
    public String toString() {
      return address == null ? "off" : address.toString();
    }
  }

  private static boolean isToken(String token) {
    return !token.isEmpty() && token.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private static boolean areNames(List<String> names) {
    return names.stream()
        .allMatch(name -> name.matches("(\\*\\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?"));
  }
}
