package com.example.sluice.maintenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.re2j.Pattern;
import io.sluice.api.middleware.MiddlewareFactory;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MaintenanceTest {

  private final Maintenance maintenance =
      new Maintenance(
          new MaintenanceConfig(
              Pattern.compile("/shop(/.*)?"),
              "Closed.",
              Duration.ofMinutes(1),
              Set.of("10.0.0.1"),
              false),
          amount -> {});

  @Test
  void closesWholePathsOnly() {
    assertTrue(maintenance.closes("/shop", "203.0.113.7"));
    assertTrue(maintenance.closes("/shop/cart", "203.0.113.7"));
    assertFalse(maintenance.closes("/shopping", "203.0.113.7"));
  }

  @Test
  void letsAllowedAddressesPass() {
    assertFalse(maintenance.closes("/shop", "10.0.0.1"));
  }

  @Test
  void isFoundByItsServiceFile() {
    assertEquals(
        "maintenance",
        ServiceLoader.load(MiddlewareFactory.class).findFirst().orElseThrow().type());
  }
}
