package io.sluice.plugin.discoverykubernetes;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The slices of one Service, listed once and watched from then on. The client library's informer
 * does it: it goes on from the last {@code resourceVersion} (which bookmarks keep fresh) when a
 * watch ends, lists anew when the server answers 410 Gone, and tries again, with growing pauses,
 * without end. Its threads are the client's and end with {@link #close}.
 */
final class SliceWatch implements AutoCloseable {

  private static final String SERVICE_LABEL = "kubernetes.io/service-name";

  /** Hears of what happens, on threads of the client. */
  interface Events {
    /** Something changed. */
    void changed();

    /** A list or a watch failed. */
    void failed(String problem, Throwable cause);
  }

  private final KubernetesClient client;
  private final SharedIndexInformer<EndpointSlice> informer;

  /** Prepares; reads files and may block. */
  SliceWatch(KubernetesDiscoveryConfig config, Events events) throws IOException {
    client =
        new KubernetesClientBuilder()
            .withConfig(connection(config))
            .withHttpClientFactory(new JdkHttpClientFactory())
            .build();
    String namespace = config.namespace() == null ? client.getNamespace() : config.namespace();
    informer =
        client
            .discovery()
            .v1()
            .endpointSlices()
            .inNamespace(namespace == null ? "default" : namespace)
            .withLabel(SERVICE_LABEL, config.service())
            .runnableInformer(0);
    informer.exceptionHandler(
        (started, cause) -> {
          events.failed(problem(cause), cause);
          return true;
        });
    informer.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onList(String resourceVersion, boolean remainedEmpty) {
            events.changed();
          }

          @Override
          public void onAdd(EndpointSlice slice) {
            events.changed();
          }

          @Override
          public void onUpdate(EndpointSlice before, EndpointSlice now) {
            events.changed();
          }

          @Override
          public void onDelete(EndpointSlice slice, boolean unknown) {
            events.changed();
          }
        });
    informer.start().whenComplete((started, failure) -> events.changed());
  }

  private static Config connection(KubernetesDiscoveryConfig config) throws IOException {
    if (config.kubeconfig() != null) {
      return Config.fromKubeconfig(config.kubeconfig().toFile());
    }
    if (config.apiServer() == null) {
      return Config.autoConfigure(null);
    }
    ConfigBuilder builder = new ConfigBuilder(Config.empty()).withMasterUrl(config.apiServer());
    if (config.certificateAuthority() != null) {
      builder.withCaCertFile(config.certificateAuthority().toString());
    }
    if (config.tokenFile() != null) {
      read(config); // so that a file that is not there is told at once
      builder.withOauthTokenProvider(() -> token(config));
    }
    return builder.build();
  }

  private static @Nullable String token(KubernetesDiscoveryConfig config) {
    try {
      return read(config);
    } catch (IOException e) {
      throw new KubernetesClientException("the token file cannot be read: " + e, e);
    }
  }

  private static String read(KubernetesDiscoveryConfig config) throws IOException {
    return config.tokenFile() == null
        ? ""
        : Files.readString(config.tokenFile(), StandardCharsets.UTF_8).strip();
  }

  /** What is known, or null before the first list came whole. */
  @Nullable List<EndpointSlice> slices() {
    return informer.hasSynced() ? informer.getStore().list() : null;
  }

  /** Whether a watch is open, so that what is known is up to date. */
  boolean watching() {
    return informer.isWatching();
  }

  /** A clause that is the same for the same trouble. */
  private static String problem(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof WatcherException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof KubernetesClientException refused && refused.getCode() > 0) {
      String status = refused.getStatus() == null ? null : refused.getStatus().getReason();
      return "the API server answers " + refused.getCode() + (status == null ? "" : " " + status);
    }
    while (!(cause instanceof ConnectException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return "the API server cannot be asked: "
        + cause.getClass().getSimpleName()
        + (message == null ? "" : ": " + message.lines().findFirst().orElse(""));
  }

  @Override
  public void close() {
    informer.stop();
    client.close();
  }
}
