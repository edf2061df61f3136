package io.sluice.plugin.discoverydns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import io.sluice.api.upstream.EndpointDiscoveryFactory;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.HeardEndpoints;
import io.sluice.plugin.testkit.PluginTester;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

class DnsDiscoveryTest {

  private final FakeDns dns = new FakeDns();
  private final FakePluginContext context = new FakePluginContext();
  private final HeardEndpoints heard = new HeardEndpoints();
  private EndpointDiscovery discovery;
  private double random;

  private void start(String hocon) {
    EndpointDiscoveryFactory factory =
        new EndpointDiscoveryFactory() {
          @Override
          public String type() {
            return "dns";
          }

          @Override
          public EndpointDiscovery create(ConfigSection config, PluginContext lent) {
            return new DnsDiscovery(DnsDiscoveryConfig.decode(config), lent, () -> random);
          }
        };
    discovery =
        PluginTester.of(factory)
            .with(context)
            .create("nameservers = \"" + dns.address() + "\"\ntimeout = 300ms\n" + hocon)
            .instance();
    discovery.start(heard);
  }

  private void pass(String time) {
    context.advance(Duration.parse("PT" + time));
  }

  @AfterEach
  void stop() {
    if (discovery != null) {
      discovery.close();
    }
    dns.close();
  }

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(EndpointDiscoveryFactory.class))
        .anyMatch(factory -> factory.type().equals("dns"));
  }

  @Test
  void findsEveryAddressOfBothFamiliesInAnOrderOfItsOwn() {
    dns.says("users.svc", "A", "30 A 10.0.0.2", "30 A 10.0.0.1");
    dns.says("users.svc", "AAAA", "30 AAAA 2001:db8::7");
    start("name = \"users.svc:9090\"");
    assertThat(heard.last())
        .containsExactly("10.0.0.1:9090*1^0", "10.0.0.2:9090*1^0", "2001:db8:0:0:0:0:0:7:9090*1^0");
    assertThat(heard.problems()).isEmpty();
  }

  @Test
  void endpointsAreCalledAsTheNameThatWasAskedFor() {
    dns.says("users.svc", "A", "30 A 10.0.0.2", "30 A 10.0.0.1");
    start("name = \"users.svc:9090\", record = a");
    assertThat(heard.endpoints()).extracting(EndpointSpec::name).containsOnly("users.svc");
  }

  @Test
  void endpointsOfServicesAreCalledAsTheirTarget() {
    dns.says("_http._tcp.users", "SRV", "30 SRV 1 1 80 a.users.", "30 SRV 1 1 80 b.users.");
    dns.says("a.users", "A", "30 A 10.0.0.1");
    dns.says("b.users", "A", "30 A 10.0.0.2");
    start("name = _http._tcp.users");
    assertThat(heard.endpoints())
        .extracting(EndpointSpec::name)
        .containsExactly("a.users", "b.users");
  }

  @Test
  void asksForOneFamilyAlone() {
    dns.says("users.svc", "A", "30 A 10.0.0.1");
    dns.says("users.svc", "AAAA", "30 AAAA 2001:db8::7");
    start("name = \"users.svc:9090\", record = aaaa");
    assertThat(heard.last()).containsExactly("2001:db8:0:0:0:0:0:7:9090*1^0");
    assertThat(dns.questions).containsExactly("AAAA users.svc.");
  }

  @Test
  void asksAgainWhenTheTtlRunsOut() {
    dns.says("users.svc", "A", "7 A 10.0.0.1");
    start("name = \"users.svc:9090\", record = a, refresh = 1m");
    dns.says("users.svc", "A", "7 A 10.0.0.2");
    pass("6.9S");
    assertThat(heard.last()).containsExactly("10.0.0.1:9090*1^0");
    pass("0.2S");
    assertThat(heard.last()).containsExactly("10.0.0.2:9090*1^0");
    assertThat(dns.questions).hasSize(2);
  }

  @Test
  void refreshBoundsALongTtlAndMinRefreshAShortOne() {
    dns.says("users.svc", "A", "3600 A 10.0.0.1");
    start("name = \"users.svc:9090\", record = a, refresh = 5s, min-refresh = 2s");
    pass("5.1S");
    assertThat(dns.questions).hasSize(2);
    dns.says("users.svc", "A", "0 A 10.0.0.1");
    pass("5S");
    assertThat(dns.questions).hasSize(3);
    pass("1.8S");
    assertThat(dns.questions).hasSize(3);
    pass("0.2S");
    assertThat(dns.questions).hasSize(4);
  }

  @Test
  void asksUpToATenthEarlierByChance() {
    random = 0.99999;
    dns.says("users.svc", "A", "100 A 10.0.0.1");
    start("name = \"users.svc:9090\", record = a, refresh = 1h");
    pass("89.9S");
    assertThat(dns.questions).hasSize(1);
    pass("0.2S");
    assertThat(dns.questions).hasSize(2);
  }

  @Test
  void keepsTheLastGoodAnswerWhateverTheTroubleAndAsksLessAndLessOften() {
    dns.says("users.svc", "A", "5 A 10.0.0.1");
    start("name = \"users.svc:9090\", record = a, refresh = 8s");
    dns.fails("users.svc", "A", Rcode.SERVFAIL);
    pass("5S");
    assertThat(heard.problems())
        .containsExactly("A users.svc.: 127.0.0.1 port " + port() + " says SERVFAIL");
    dns.fails("users.svc", "A", Rcode.NXDOMAIN);
    pass("1S");
    assertThat(heard.problems()).hasSize(2).last().isEqualTo("users.svc: no such name");
    dns.says("users.svc", "A");
    pass("1.9S");
    assertThat(heard.problems()).hasSize(2);
    pass("0.1S");
    assertThat(heard.problems()).hasSize(3).last().isEqualTo("users.svc: no record of type A");
    dns.silent = true;
    pass("4S");
    assertThat(heard.problems())
        .hasSize(4)
        .last()
        .isEqualTo("A users.svc.: 127.0.0.1 port " + port() + ": no answer in time");
    pass("8S");
    pass("8S");
    assertThat(heard.problems()).hasSize(6);
    assertThat(heard.answers()).hasSize(1);
    dns.silent = false;
    dns.says("users.svc", "A", "5 A 10.0.0.9");
    pass("8S");
    assertThat(heard.last()).containsExactly("10.0.0.9:9090*1^0");
  }

  private int port() {
    return Integer.parseInt(dns.address().split(":")[1]);
  }

  @Test
  void keepForSaysWhenTheLastGoodAnswerNoLongerCounts() {
    dns.says("users.svc", "A", "5 A 10.0.0.1");
    start("name = \"users.svc:9090\", record = a, refresh = 5s, keep-for = 30s");
    dns.fails("users.svc", "A", Rcode.NXDOMAIN);
    pass("29S");
    assertThat(heard.last()).hasSize(1);
    pass("10S");
    assertThat(heard.last()).isEmpty();
    assertThat(heard.answers()).hasSize(2);
    dns.says("users.svc", "A", "5 A 10.0.0.1");
    pass("5S");
    assertThat(heard.last()).hasSize(1);
  }

  @Test
  void oneFamilyThatFailsKeepsItsAddressesWhileTheOtherMovesOn() {
    dns.says("users.svc", "A", "5 A 10.0.0.1");
    dns.says("users.svc", "AAAA", "5 AAAA ::1");
    start("name = \"users.svc:9090\", refresh = 5s");
    dns.says("users.svc", "A", "5 A 10.0.0.2");
    dns.fails("users.svc", "AAAA", Rcode.SERVFAIL);
    pass("5S");
    assertThat(heard.last()).containsExactly("10.0.0.2:9090*1^0", "0:0:0:0:0:0:0:1:9090*1^0");
    assertThat(heard.problems()).hasSize(1);
    dns.says("users.svc", "AAAA");
    pass("5S");
    assertThat(heard.last()).containsExactly("10.0.0.2:9090*1^0");
    assertThat(heard.problems()).hasSize(1);
  }

  @Test
  void srvRecordsGivePortsWeightsAndPriorities() {
    dns.says(
        "_http._tcp.users",
        "SRV",
        "30 SRV 20 0 8082 c.users.",
        "30 SRV 10 60 8080 a.users.",
        "30 SRV 10 20 8081 b.users.");
    dns.says("a.users", "A", "30 A 10.0.0.1");
    dns.says("b.users", "A", "30 A 10.0.0.2", "30 A 10.0.0.3");
    dns.says("c.users", "AAAA", "30 AAAA ::1");
    start("name = _http._tcp.users");
    assertThat(heard.problems()).isEmpty();
    assertThat(heard.last())
        .containsExactly(
            "10.0.0.1:8080*120^0",
            "10.0.0.2:8081*20^0",
            "10.0.0.3:8081*20^0",
            "0:0:0:0:0:0:0:1:8082*2^1");
  }

  @Test
  void weightsStayWithinTheirBound() {
    dns.says("x", "SRV", "30 SRV 1 65535 80 a.", "30 SRV 1 1 80 b.");
    dns.says("a", "A", "30 A 10.0.0.1");
    dns.says("b", "A", "30 A 10.0.0.2", "30 A 10.0.0.3");
    start("name = x, record = srv");
    assertThat(heard.last())
        .containsExactly("10.0.0.1:80*65535^0", "10.0.0.2:80*1^0", "10.0.0.3:80*1^0");
  }

  @Test
  void aTargetThatDoesNotResolveKeepsItsLastAddresses() {
    dns.says("x", "SRV", "5 SRV 1 1 80 a.", "5 SRV 1 1 80 b.");
    dns.says("a", "A", "5 A 10.0.0.1");
    dns.says("b", "A", "5 A 10.0.0.2");
    start("name = x, record = srv");
    dns.says("a", "A", "5 A 10.0.0.9");
    dns.fails("b", "A", Rcode.REFUSED);
    pass("5S");
    assertThat(heard.last()).containsExactly("10.0.0.9:80*1^0", "10.0.0.2:80*1^0");
    assertThat(heard.problems()).hasSize(1);
    dns.says("x", "SRV", "5 SRV 1 1 80 a.");
    pass("5S");
    assertThat(heard.last()).containsExactly("10.0.0.9:80*1^0");
    assertThat(heard.problems()).hasSize(1);
  }

  @Test
  void aTargetOfADotIsNoService() {
    dns.says("x", "SRV", "30 SRV 0 0 0 .");
    start("name = x, record = srv");
    assertThat(heard.answers()).isEmpty();
    assertThat(heard.problems()).containsExactly("x: no record of type SRV");
  }

  @Test
  void asksOverTcpWhatDoesNotFit() {
    dns.truncates = true;
    String[] many = new String[200];
    for (int i = 0; i < many.length; i++) {
      many[i] = "30 A 10.0.1." + i;
    }
    dns.says("users.svc", "A", many);
    start("name = \"users.svc:9090\", record = a");
    assertThat(heard.last()).hasSize(200);
    assertThat(dns.questions).containsExactly("A users.svc.", "tcp A users.svc.");
  }

  @Test
  void aliasesAreFollowedAndTheirTtlCounts() {
    dns.says("users.svc", "A", "4 CNAME b.svc.");
    dns.says("b.svc", "A", "300 A 10.0.0.1");
    start("name = \"users.svc:9090\", record = a, refresh = 1h");
    assertThat(heard.last()).containsExactly("10.0.0.1:9090*1^0");
    pass("4S");
    assertThat(dns.questions).hasSize(4);
  }

  @Test
  void anAliasOfItselfIsAProblem() {
    dns.says("users.svc", "A", "4 CNAME users.svc.");
    start("name = \"users.svc:9090\", record = a");
    assertThat(heard.answers()).isEmpty();
    assertThat(heard.problems()).hasSize(1);
  }

  @Test
  void asksTheNextNameServerWhenOneFails() {
    try (FakeDns other = new FakeDns()) {
      other.says("users.svc", "A", "30 A 10.0.0.1");
      dns.fails("users.svc", "A", Rcode.SERVFAIL);
      start(
          "name = \"users.svc:9090\", record = a, nameservers = [\""
              + dns.address()
              + "\", \""
              + other.address()
              + "\"]");
      assertThat(heard.last()).hasSize(1);
      assertThat(heard.problems()).isEmpty();
    }
  }

  @Test
  void anAnswerToAnotherQuestionIsNotListenedTo() {
    dns.wrongIdFirst = true;
    dns.says("users.svc", "A", "30 A 10.0.0.1");
    start("name = \"users.svc:9090\", record = a");
    assertThat(heard.last()).hasSize(1);
  }

  @Test
  void saysNothingOnceClosedAndPlansNothing() {
    dns.says("users.svc", "A", "5 A 10.0.0.1");
    start("name = \"users.svc:9090\", record = a");
    discovery.close();
    dns.says("users.svc", "A", "5 A 10.0.0.2");
    pass("60S");
    assertThat(heard.answers()).hasSize(1);
    assertThat(dns.questions).hasSize(1);
    assertThat(context.planned()).isZero();
  }

  @Test
  void closingEndsAQuestionUnderWay() throws Exception {
    dns.silent = true;
    Wire wire = new Wire(System::nanoTime);
    Lookup lookup =
        new Lookup(
            NameServers.of(NameServers.parse(List.of(dns.address()))), Duration.ofHours(1), wire);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread asker =
        new Thread(
            () -> {
              try {
                lookup.ask("users.svc", Type.A);
              } catch (LookupFailed e) {
                ended.complete(e);
              }
            });
    asker.start();
    await().until(() -> !dns.questions.isEmpty());
    wire.close();
    assertThat(ended.get(20, TimeUnit.SECONDS)).isInstanceOf(LookupFailed.class);
  }

  @Test
  void leavesNoThreadBehind() {
    dns.says("users.svc", "A", "5 A 10.0.0.1");
    start("name = \"users.svc:9090\"");
    discovery.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("dnsjava"));
  }
}
