package io.sluice.plugin.discoverykubernetes;

import static io.sluice.plugin.discoverykubernetes.Slices.http;
import static io.sluice.plugin.discoverykubernetes.Slices.ready;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ListMetaBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceListBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.api.upstream.EndpointDiscoveryFactory;
import io.sluice.plugin.testkit.FakePluginContext;
import io.sluice.plugin.testkit.HeardEndpoints;
import io.sluice.plugin.testkit.PluginTester;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesDiscoveryTest {

  private static final String PATH =
      "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"
          + "?labelSelector=kubernetes.io%2Fservice-name%3Dusers";

  @TempDir Path folder;
  private final FakePluginContext context = new FakePluginContext();
  private final HeardEndpoints heard = new HeardEndpoints();
  private KubernetesMockServer server;
  private EndpointDiscovery discovery;

  /** A server that keeps what it is given, with lists and watches. */
  private KubernetesClient crud() {
    server =
        new KubernetesMockServer(
            new Context(),
            new MockWebServer(),
            new HashMap<>(),
            new KubernetesCrudDispatcher(),
            false);
    server.init();
    return server.createClient();
  }

  private void scripted() {
    server = new KubernetesMockServer(false);
    server.init();
  }

  private void start(String hocon) {
    discovery =
        PluginTester.of(new KubernetesDiscoveryFactory())
            .with(context)
            .in(folder)
            .create("api-server = \"" + server.url("/") + "\"\n" + hocon)
            .instance();
    discovery.start(heard);
  }

  private void awaitLast(String... endpoints) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              context.advance(Duration.ofMillis(200));
              assertThat(heard.last()).as(heard.problems().toString()).containsExactly(endpoints);
            });
  }

  @AfterEach
  void stop() {
    if (discovery != null) {
      discovery.close();
    }
    if (server != null) {
      server.destroy();
    }
  }

  @Test
  void isFoundUnderItsName() {
    assertThat(ServiceLoader.load(EndpointDiscoveryFactory.class))
        .anyMatch(factory -> factory.type().equals("kubernetes"));
  }

  @Test
  void followsTheSlicesOfItsServiceAndOfNoOther() {
    try (KubernetesClient cluster = crud()) {
      cluster.resource(http("users-1", ready("10.0.0.1"))).create();
      EndpointSlice other =
          new EndpointSliceBuilder(http("orders-1", ready("10.9.9.9")))
              .editMetadata()
              .addToLabels("kubernetes.io/service-name", "orders")
              .endMetadata()
              .build();
      cluster.resource(other).create();
      start("service = users, namespace = shop, port = http");
      awaitLast("10.0.0.1:8080*1^0");

      cluster.resource(http("users-2", ready("10.0.0.2"))).create();
      awaitLast("10.0.0.1:8080*1^0", "10.0.0.2:8080*1^0");
      cluster.resource(http("users-1", ready("10.0.0.3"))).update();
      awaitLast("10.0.0.2:8080*1^0", "10.0.0.3:8080*1^0");
      cluster.resource(http("users-2")).delete();
      awaitLast("10.0.0.3:8080*1^0");
      cluster.resource(http("users-1")).delete();
      awaitLast();
      assertThat(heard.problems()).isEmpty();
    }
  }

  @Test
  void aServiceWithoutSlicesHasNoEndpoints() {
    try (KubernetesClient cluster = crud()) {
      start("service = users, namespace = shop");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                context.advance(Duration.ofMillis(200));
                return heard.answers().size() == 1;
              });
      assertThat(heard.last()).isEmpty();
      assertThat(cluster.getConfiguration()).isNotNull();
    }
  }

  @Test
  void aPortThatIsNotThereIsAProblemUntilItIs() {
    try (KubernetesClient cluster = crud()) {
      cluster.resource(http("users-1", ready("10.0.0.1"))).create();
      start("service = users, namespace = shop, port = grpc");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                context.advance(Duration.ofMillis(200));
                return heard.problems().contains("service users has no port grpc, but http (8080)");
              });
      assertThat(heard.answers()).isEmpty();
      cluster
          .resource(
              new EndpointSliceBuilder(http("users-1", ready("10.0.0.1")))
                  .editFirstPort()
                  .withName("grpc")
                  .endPort()
                  .build())
          .update();
      awaitLast("10.0.0.1:8080*1^0");
    }
  }

  private static String list(String version, EndpointSlice... slices) {
    return io.fabric8.kubernetes.client.utils.Serialization.asJson(
        new EndpointSliceListBuilder()
            .withMetadata(new ListMetaBuilder().withResourceVersion(version).build())
            .withItems(slices)
            .build());
  }

  private static EndpointSlice versioned(EndpointSlice slice, String version) {
    return new EndpointSliceBuilder(slice)
        .editMetadata()
        .withUid(slice.getMetadata().getName())
        .withResourceVersion(version)
        .endMetadata()
        .build();
  }

  private static String watch(String version) {
    return PATH.replace("?", "?allowWatchBookmarks=true&")
        + "&resourceVersion="
        + version
        + "&timeoutSeconds=600&watch=true";
  }

  @Test
  void listsAnewWhenTheServerNoLongerKnowsWhereTheWatchWas() {
    scripted();
    server
        .expect()
        .withPath(PATH + "&resourceVersion=0")
        .andReturn(200, list("1", versioned(http("users-1", ready("10.0.0.1")), "1")))
        .once();
    server
        .expect()
        .withPath(watch("1"))
        .andUpgradeToWebSocket()
        .open()
        .waitFor(200)
        .andEmit(
            new WatchEvent(
                new StatusBuilder().withCode(410).withReason("Expired").build(), "ERROR"))
        .done()
        .once();
    server
        .expect()
        .withPath(PATH)
        .andReturn(200, list("9", versioned(http("users-9", ready("10.0.0.9")), "9")))
        .once();
    server
        .expect()
        .withPath(watch("9"))
        .andUpgradeToWebSocket()
        .open()
        .waitFor(500)
        .andEmit(new WatchEvent(versioned(http("users-10", ready("10.0.0.10")), "10"), "ADDED"))
        .done()
        .once();
    start("service = users, namespace = shop");
    awaitLast("10.0.0.1:8080*1^0");
    awaitLast("10.0.0.9:8080*1^0");
    awaitLast("10.0.0.10:8080*1^0", "10.0.0.9:8080*1^0");
  }

  @Test
  void aServerThatRefusesIsAskedAgain() {
    scripted();
    server
        .expect()
        .withPath(PATH + "&resourceVersion=0")
        .andReturn(
            403,
            new StatusBuilder().withCode(403).withReason("Forbidden").withMessage("no").build())
        .times(1);
    server
        .expect()
        .withPath(PATH + "&resourceVersion=0")
        .andReturn(200, list("1", versioned(http("users-1", ready("10.0.0.1")), "1")))
        .once();
    server.expect().withPath(watch("1")).andUpgradeToWebSocket().open().done().always();
    start("service = users, namespace = shop");
    awaitLast("10.0.0.1:8080*1^0");
    assertThat(heard.problems()).contains("the API server answers 403 Forbidden");
  }

  @Test
  void readsTheNamespaceAndTheServerFromAKubeconfig() throws Exception {
    try (KubernetesClient cluster = crud()) {
      cluster.resource(http("users-1", ready("10.0.0.1"))).create();
      Files.writeString(
          folder.resolve("kubeconfig"),
          """
          apiVersion: v1
          kind: Config
          current-context: here
          contexts: [ { name: here, context: { cluster: here, user: me, namespace: shop } } ]
          clusters: [ { name: here, cluster: { server: "%s" } } ]
          users: [ { name: me, user: { token: secret } } ]
          """
              .formatted(server.url("/")));
      discovery =
          PluginTester.of(new KubernetesDiscoveryFactory())
              .with(context)
              .in(folder)
              .create("service = users, kubeconfig = kubeconfig")
              .instance();
      discovery.start(heard);
      awaitLast("10.0.0.1:8080*1^0");
      assertThat(server.getLastRequest().getHeader("Authorization")).isEqualTo("Bearer secret");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  void saysThatAServerIsNotThereAndNothingOnceClosed() {
    scripted();
    String gone = server.url("/");
    server.destroy();
    server = null;
    discovery =
        PluginTester.of(new KubernetesDiscoveryFactory())
            .with(context)
            .create("service = users, namespace = shop, api-server = \"" + gone + "\"")
            .instance();
    discovery.start(heard);
    await().atMost(Duration.ofSeconds(30)).until(() -> !heard.problems().isEmpty());
    assertThat(heard.problems().get(0))
        .startsWith("the API server cannot be asked: ConnectException");
    discovery.close();
    int problems = heard.problems().size();
    context.advance(Duration.ofMinutes(1));
    assertThat(heard.problems()).hasSize(problems);
    assertThat(heard.answers()).isEmpty();
  }

  private static List<String> problems(String hocon) {
    return PluginTester.of(new KubernetesDiscoveryFactory()).create(hocon).problems();
  }

  @Test
  void acceptsEveryKey() {
    assertThat(problems("service = users")).isEmpty();
    assertThat(
            problems(
                "service = users, namespace = shop, port = 8080, family = ipv6, api-server ="
                    + " \"https://10.0.0.1:6443\", token-file = t, ca = ca.pem"))
        .isEmpty();
    assertThat(problems("service = users, port = http, kubeconfig = \"k\"")).isEmpty();
  }

  @Test
  void refusesWhatCannotBe() {
    assertThat(problems(""))
        .containsExactly(
            "plugin.conf:1: service: is missing (expected: small letters, digits and -, at most"
                + " 63)");
    assertThat(
            problems(
                "service = Users\nnamespace = \"a b\"\nport = 0\nfamily = v6\napi-server = \"x\""))
        .containsExactly(
            "plugin.conf:1: service: \"Users\" is not accepted (expected: small letters, digits"
                + " and -, at most 63)",
            "plugin.conf:2: namespace: \"a b\" is not accepted (expected: small letters, digits"
                + " and -, at most 63)",
            "plugin.conf:3: port: \"0\" is not accepted (expected: a name such as http, or 1 to"
                + " 65535)",
            "plugin.conf:4: family: unknown choice \"v6\" (expected: one of any, ipv4, ipv6)",
            "plugin.conf:5: api-server: \"x\" is not accepted (expected: https://host:port)");
    assertThat(problems("service = users\ntoken-file = t\nca = c"))
        .containsExactly(
            "plugin.conf:2: token-file: says nothing without api-server (expected: api-server"
                + " beside it)",
            "plugin.conf:3: ca: says nothing without api-server (expected: api-server beside it)");
    assertThat(problems("service = users\napi-server = \"http://a\"\nkubeconfig = k"))
        .containsExactly(
            "plugin.conf:3: kubeconfig: stands beside api-server (expected: one of the two)");
  }
}
