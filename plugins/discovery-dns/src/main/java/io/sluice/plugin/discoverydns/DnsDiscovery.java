package io.sluice.plugin.discoverydns;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.EndpointDiscovery;
import io.sluice.plugin.discoverydns.DnsDiscoveryConfig.Records;
import io.sluice.plugin.discoverydns.Round.Aged;
import io.sluice.plugin.discoverydns.Round.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Type;

/**
 * Asks for the endpoints when the answer before runs out: after the least TTL in it, at least
 * {@code min-refresh} and at most {@code refresh}, less up to a tenth by chance, so that many
 * proxies do not ask at once. While there is trouble (no answer, SERVFAIL, NXDOMAIN, no record) the
 * endpoints stay as they were for {@code keep-for}, and the questions come after {@code
 * min-refresh}, twice that, four times that, up to {@code refresh}.
 */
final class DnsDiscovery implements EndpointDiscovery {

  private static final double JITTER = 0.1;
  private static final int MAX_DOUBLINGS = 20;

  private final DnsDiscoveryConfig config;
  private final PluginContext context;
  private final DoubleSupplier random;
  private final Wire wire = new Wire(System::nanoTime);
  private final List<Integer> addressTypes;

  private @Nullable Listener listener;
  private Map<Question, Aged> good = Map.of();
  private @Nullable List<EndpointSpec> told;
  private int failures;
  private boolean closed;

  DnsDiscovery(DnsDiscoveryConfig config, PluginContext context, DoubleSupplier random) {
    this.config = config;
    this.context = context;
    this.random = random;
    this.addressTypes =
        switch (config.records()) {
          case A -> List.of(Type.A);
          case AAAA -> List.of(Type.AAAA);
          default -> List.of(Type.A, Type.AAAA);
        };
  }

  @Override
  public void start(Listener newListener) {
    synchronized (this) {
      listener = newListener;
    }
    ask();
  }

  private void ask() {
    Round round;
    synchronized (this) {
      if (closed) {
        return;
      }
      round = new Round(standing());
    }
    context
        .offload(
            () ->
                new Lookup(
                    config.nameServers().isEmpty()
                        ? NameServers.system()
                        : NameServers.of(config.nameServers()),
                    config.timeout(),
                    wire))
        .thenCompose(lookup -> gather(round, lookup))
        .whenComplete((endpoints, failure) -> ended(round, endpoints, failure));
  }

  /** The good answers that are not too old to stand in for others. */
  private Map<Question, Aged> standing() {
    if (config.keepFor().equals(ConfigSection.OFF)) {
      return good;
    }
    long now = context.ticker().getAsLong();
    Map<Question, Aged> standing = new LinkedHashMap<>(good);
    standing.values().removeIf(each -> now - each.atNanos() >= config.keepFor().toNanos());
    return standing;
  }

  private CompletableFuture<List<EndpointSpec>> gather(Round round, Lookup lookup) {
    String name = config.name();
    if (config.records() != Records.SRV) {
      return all(round, lookup, addresses(List.of(name)))
          .thenApply(done -> round.addresses(name, addressTypes, config.port()));
    }
    return all(round, lookup, List.of(new Question(name, Type.SRV)))
        .thenCompose(
            done -> {
              List<SRVRecord> services = round.services(name);
              List<String> targets =
                  services.stream()
                      .map(service -> service.getTarget().toString())
                      .distinct()
                      .toList();
              return all(round, lookup, addresses(targets))
                  .thenApply(also -> round.endpoints(services, addressTypes));
            });
  }

  private List<Question> addresses(List<String> names) {
    List<Question> questions = new ArrayList<>();
    for (String name : names) {
      addressTypes.forEach(type -> questions.add(new Question(name, type)));
    }
    return questions;
  }

  /** Asks all at once; completes when all are answered or failed, never exceptionally. */
  private CompletableFuture<Void> all(Round round, Lookup lookup, List<Question> questions) {
    return CompletableFuture.allOf(
        questions.stream()
            .map(
                question ->
                    context
                        .offload(() -> lookup.ask(question.name(), question.type()))
                        .handle((answer, failure) -> note(round, question, answer, failure))
                        .toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }

  private boolean note(
      Round round, Question question, @Nullable Answer answer, @Nullable Throwable failure) {
    if (answer != null) {
      round.answered(question, answer, context.ticker().getAsLong());
    } else {
      round.failed(question, reason(failure));
    }
    return true;
  }

  private static String reason(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof LookupFailed ? String.valueOf(cause.getMessage()) : "failed: " + cause;
  }

  private synchronized void ended(
      Round round, @Nullable List<EndpointSpec> endpoints, @Nullable Throwable failure) {
    Listener to = listener;
    if (closed || to == null) {
      return;
    }
    String problem = endpoints == null ? reason(failure) : round.problem();
    if (endpoints != null) {
      good = round.good();
    }
    if (problem == null && endpoints != null) {
      failures = 0;
      tell(to, endpoints);
      again(Duration.ofSeconds(Math.min(round.ttlSeconds(), Integer.MAX_VALUE)));
      return;
    }
    // What is known of one family or some targets counts, and what stood in may be too old by now.
    boolean change =
        told == null ? endpoints != null && !endpoints.isEmpty() : !told.equals(endpoints);
    if (change && endpoints != null) {
      tell(to, endpoints);
    }
    to.onError(problem == null ? "failed" : problem, failure);
    again(config.minRefresh().multipliedBy(1L << Math.min(MAX_DOUBLINGS, failures++)));
  }

  private void tell(Listener to, List<EndpointSpec> endpoints) {
    told = endpoints;
    to.onEndpoints(endpoints);
  }

  private void again(Duration wish) {
    Duration time = wish.compareTo(config.minRefresh()) < 0 ? config.minRefresh() : wish;
    time = time.compareTo(config.refresh()) > 0 ? config.refresh() : time;
    long nanos = (long) (time.toNanos() * (1 - JITTER * random.getAsDouble()));
    context.schedule(Duration.ofNanos(nanos), this::ask);
  }

  @Override
  public void close() {
    wire.close();
    synchronized (this) {
      closed = true;
      listener = null;
    }
  }
}
