package io.sluice.plugin.discoverydns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

class LookupTest {

  private final FakeDns dns = new FakeDns();
  private final Wire wire = new Wire(System::nanoTime);

  @AfterEach
  void stop() {
    wire.close();
    dns.close();
  }

  private Lookup lookup(int ndots, String... search) throws Exception {
    List<Name> domains = new ArrayList<>();
    for (String domain : search) {
      domains.add(Name.fromString(domain, Name.root));
    }
    return new Lookup(
        new NameServers(NameServers.parse(List.of(dns.address())), domains, ndots),
        Duration.ofSeconds(5),
        wire);
  }

  @Test
  void aNameWithFewDotsIsFirstTriedInTheDomainsOfTheSearchList() throws Exception {
    dns.says("users.svc.cluster.local", "A", "30 A 10.0.0.1");
    Answer answer =
        lookup(5, "ns.svc.cluster.local", "svc.cluster.local", "cluster.local")
            .ask("users.svc", Type.A);
    assertThat(answer.records()).hasSize(1);
    assertThat(dns.questions)
        .containsExactly(
            "A users.svc.ns.svc.cluster.local.",
            "A users.svc.svc.cluster.local.",
            "A users.svc.cluster.local.");
  }

  @Test
  void aNameWithDotsEnoughIsFirstTriedAsItStands() throws Exception {
    assertThat(lookup(1, "local").ask("users.svc", Type.A).nameExists()).isFalse();
    assertThat(dns.questions).containsExactly("A users.svc.", "A users.svc.local.");
  }

  @Test
  void aTrailingDotLeavesTheSearchListOut() throws Exception {
    assertThat(lookup(5, "local").ask("users.svc.", Type.A).isEmpty()).isTrue();
    assertThat(dns.questions).containsExactly("A users.svc.");
  }

  @Test
  void anotherNameDoesNotAnswerForOneThatFailed() throws Exception {
    dns.fails("users.a", "A", Rcode.SERVFAIL);
    dns.says("users.b", "A", "30 A 10.0.0.1");
    Lookup lookup = lookup(1, "a", "b");
    assertThatThrownBy(() -> lookup.ask("users", Type.A)).isInstanceOf(LookupFailed.class);
  }

  @Test
  void readsTheSystemsNameServers() {
    assertThat(NameServers.system().servers()).isNotEmpty();
  }
}
