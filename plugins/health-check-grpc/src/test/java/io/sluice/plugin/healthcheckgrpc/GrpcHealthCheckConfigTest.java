package io.sluice.plugin.healthcheckgrpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.upstream.HealthCheckFactory;
import io.sluice.plugin.testkit.PluginTester;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcHealthCheckConfigTest {

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(HealthCheckFactory.class))
        .anyMatch(factory -> factory.type().equals("grpc"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "type = grpc",
        "service = \"shop.Orders\"",
        "host = \"orders.example:443\", service = a",
      })
  void accepts(String hocon) {
    assertThat(problems(hocon)).isEmpty();
  }

  @Test
  void refusesAnAuthorityThatWouldSplitTheRequest() {
    assertThat(problems("host = \"a b\""))
        .containsExactly(
            "plugin.conf:1: host: \"a b\" is not accepted (expected: a host name, with or without port)");
  }

  @Test
  void refusesAServiceNameWithoutEnd() {
    assertThat(problems("service = " + "x".repeat(1025)))
        .singleElement()
        .asString()
        .endsWith("(expected: at most 1024 characters)");
  }

  @Test
  void namesAKeyThatItDoesNotKnow() {
    assertThat(problems("servce = a")).singleElement().asString().contains("service");
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new GrpcHealthCheckFactory()).create(hocon).problems();
  }
}
