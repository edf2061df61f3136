package io.sluice.core.transport.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.tls.CertificateSource;
import io.sluice.api.tls.CertificateSource.KeyedCertificate;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of one listener in one generation: its certificate sources, what they gave, and the keys
 * of its session tickets. Event loops ask it for handlers; it changes underneath, and connections
 * that exist never notice.
 *
 * <p>Made on the configuration thread, started and closed by boot. Thread-safe.
 */
public final class ServerTls implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ServerTls.class);

  private final String name;
  private final ServerTlsConfig config;
  private final ServerContexts contexts;
  private final TlsProvider provider;
  private final List<CertificateSource> sources;
  private final List<List<KeyedCertificate>> pushed = new ArrayList<>();
  private final String[] failing;
  private final @Nullable TicketKeys tickets;
  private final AcmeChallenges challenges;
  private final Clock clock;
  private final LongSupplier ticker;
  private final ScheduledExecutorService control;
  private final Executor blocking;
  private final List<Future<?>> tasks = new ArrayList<>();
  private volatile ClientTerms terms;
  private @Nullable String lastProblem;
  private String authorityProblem = "";
  private volatile CertificateSet certificates = CertificateSet.EMPTY;
  private boolean closed;

  /**
   * What it needs.
   *
   * @param name the listener's, for the log
   * @param applicationProtocols what ALPN may choose from, best first
   * @param challenges of the whole generation
   * @param clock by which responses about revocation are fresh
   * @param ticker in nanoseconds, by which ticket keys grow old
   * @param control says when to look again
   * @param blocking where files are read
   */
  public record Setting(
      String name,
      ServerTlsConfig config,
      List<String> applicationProtocols,
      TlsProvider provider,
      AcmeChallenges challenges,
      Clock clock,
      LongSupplier ticker,
      ScheduledExecutorService control,
      Executor blocking) {}

  /**
   * The TLS of a listener, with no certificates before {@link #start}.
   *
   * @param sources one for each block, in order; closed by their owner
   * @param predecessor of the same listener in the last generation: clients that hold a ticket of
   *     it come back as cheaply as before, unless who may come has changed
   */
  public ServerTls(
      Setting setting, List<CertificateSource> sources, @Nullable ServerTls predecessor) {
    this.name = setting.name();
    this.config = setting.config();
    this.provider = setting.provider();
    this.contexts =
        new ServerContexts(config, List.copyOf(setting.applicationProtocols()), provider);
    this.challenges = setting.challenges();
    this.clock = setting.clock();
    this.ticker = setting.ticker();
    this.control = setting.control();
    this.blocking = setting.blocking();
    this.sources = List.copyOf(sources);
    this.failing = new String[sources.size()];
    this.terms = ClientTerms.of(config, setting.clock());
    this.tickets = tickets(predecessor);
    sources.forEach(source -> pushed.add(List.of()));
  }

  private @Nullable TicketKeys tickets(@Nullable ServerTls predecessor) {
    Duration rotation = config.ticketRotation();
    if (rotation == null) {
      return null;
    }
    if (predecessor != null && predecessor.admitsAsWeDo(this)) {
      return predecessor.tickets;
    }
    return new TicketKeys(rotation.toNanos(), ticker);
  }

  /** Whether a session that one of them made may be taken up again by the other. */
  private synchronized boolean admitsAsWeDo(ServerTls other) {
    return tickets != null
        && Objects.equals(config.ticketRotation(), other.config.ticketRotation())
        && terms.sameAs(other.terms);
  }

  /**
   * Starts the sources and the watch over them.
   *
   * @throws IllegalStateException when a certificate that is at hand cannot serve
   */
  public void start() {
    String impossible = impossible();
    if (impossible != null) {
      throw new IllegalStateException(impossible);
    }
    for (int i = 0; i < sources.size(); i++) {
      sources.get(i).start(new Pushed(i));
    }
    String problem;
    synchronized (this) {
      problem = lastProblem;
    }
    if (problem != null) {
      throw new IllegalStateException("listener " + name + ": " + problem);
    }
    watch();
  }

  /**
   * For a check, instead of {@link #start}: looks at the certificates that are at hand as if they
   * were to serve, and logs what speaks against them. Starts no source.
   *
   * @return what would keep it from starting; empty for nothing
   */
  public synchronized List<String> inspect() {
    List<String> problems = new ArrayList<>();
    String impossible = impossible();
    if (impossible != null) {
      problems.add(impossible);
    }
    for (int i = 0; i < sources.size(); i++) {
      List<KeyedCertificate> set = sources.get(i).atHand();
      warnOfResponses(i, set);
      for (KeyedCertificate certificate : set) {
        try {
          ServerCredential credential = contexts.credential(certificate, terms.verifier(), tickets);
          checkStaple(credential);
          credential.giveUp();
        } catch (SSLException | RuntimeException e) {
          problems.add(
              "listeners.%s.tls.certificates[%d]: a certificate cannot serve: %s"
                  .formatted(name, i, TlsFailures.reason(e)));
        }
      }
    }
    return problems;
  }

  /** What is configured and cannot be done by this library, or null. */
  private @Nullable String impossible() {
    return tickets == null && !provider.resumesAtWill()
        ? "listeners.%s.tls.tickets: TLS by %s always gives tickets (expected: runtime.tls-provider = boringssl, or no tickets = off)"
            .formatted(name, provider.describe())
        : null;
  }

  private synchronized void watch() {
    if (closed) {
      return;
    }
    if (!config.reload().equals(ConfigSection.OFF)) {
      every(config.reload(), this::refresh);
    }
    every(Duration.ofSeconds(30), this::keepFresh);
  }

  private void every(Duration interval, Runnable task) {
    long nanos = interval.toNanos();
    Runnable guarded = guarded(task);
    tasks.add(
        control.scheduleWithFixedDelay(
            () -> blocking.execute(guarded), nanos, nanos, TimeUnit.NANOSECONDS));
  }

  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        log.error("listener {}: looking after certificates failed", name, e);
      }
    };
  }

  /** Looks at the sources and the file of authorities again. Reads a file. */
  public void refresh() {
    sources.forEach(CertificateSource::refresh);
    Path authority = config.clientAuthority();
    if (authority == null) {
      return;
    }
    try {
      TrustFile now = TrustFile.read(authority);
      synchronized (this) {
        authorityProblem = "";
        TrustFile before = terms.authority();
        if (closed || (before != null && before.sameAs(now))) {
          return;
        }
        if (tickets != null) {
          tickets.forget(); // a session was admitted by the authorities of its day
        }
        if (rebuild(terms.with(now))) {
          log.info("listener {}: authorities of client certificates read again", name);
        }
      }
    } catch (IllegalArgumentException e) {
      String problem = String.valueOf(e.getMessage());
      synchronized (this) {
        if (!problem.equals(authorityProblem)) {
          authorityProblem = problem;
          log.warn("listener {}: client-ca kept as it was: {}", name, problem);
        }
      }
    }
  }

  /** Sees to what grows old by itself: the keys of tickets, and responses about revocation. */
  synchronized void keepFresh() {
    if (closed) {
      return;
    }
    TicketKeys keys = tickets;
    if (keys != null) {
      keys.rotateIfDue();
      certificates.seal(keys); // a generation beside this one may have been the one that rotated
    }
    certificates.credentials().forEach(this::checkStaple);
  }

  private void checkStaple(ServerCredential credential) {
    Staple staple = credential.staple();
    if (staple == null || !staple.check(clock.instant())) {
      return;
    }
    String problem = staple.problem();
    if (problem == null) {
      log.info("listener {}: the OCSP response of {} is stapled again", name, staple.subject());
    } else {
      log.warn(
          "listener {}: the OCSP response of {} is not stapled: {}",
          name,
          staple.subject(),
          problem);
    }
  }

  /** What a source says. */
  private final class Pushed implements CertificateSource.Listener {
    private final int index;

    Pushed(int index) {
      this.index = index;
    }

    @Override
    public void onCertificates(List<KeyedCertificate> set) {
      synchronized (ServerTls.this) {
        if (closed) {
          return;
        }
        failing[index] = "";
        warnOfResponses(index, set);
        List<KeyedCertificate> before = pushed.set(index, List.copyOf(set));
        if (!rebuild(terms)) {
          pushed.set(index, before);
        } else if (!before.isEmpty()) {
          log.info("listener {}: certificates replaced", name);
        }
      }
    }

    @Override
    public void onError(String problem, @Nullable Throwable cause) {
      synchronized (ServerTls.this) {
        if (!problem.equals(failing[index])) {
          failing[index] = problem;
          log.warn("listener {}: certificates kept as they were: {}", name, problem);
        }
      }
    }
  }

  /** Says so where a response that somebody went to the length of getting cannot be used. */
  private void warnOfResponses(int index, List<KeyedCertificate> set) {
    boolean has = set.stream().anyMatch(certificate -> certificate.ocspResponse() != null);
    if (has && !provider.staples()) {
      log.warn(
          "{}: has an OCSP response, which TLS by {} cannot staple (expected:"
              + " runtime.tls-provider = boringssl, or no response)",
          config.certificates().get(index).path(),
          provider.describe());
    }
  }

  /** Makes the set anew, for clients on these terms; answers whether it could. */
  private boolean rebuild(ClientTerms on) {
    List<CertificateSet.Named> made = new ArrayList<>();
    int index = 0;
    try {
      for (; index < pushed.size(); index++) {
        for (KeyedCertificate certificate : pushed.get(index)) {
          made.add(
              new CertificateSet.Named(
                  contexts.credential(certificate, on.verifier(), tickets),
                  CertificateNames.served(certificate)));
        }
      }
    } catch (SSLException | RuntimeException e) {
      made.forEach(named -> named.credential().giveUp());
      String reason = TlsFailures.reason(e);
      lastProblem = "tls.certificates[%d]: a certificate cannot serve: %s".formatted(index, reason);
      log.error("listener {}: {}; the set stays as it was", name, lastProblem);
      return false;
    }
    lastProblem = null;
    made.forEach(named -> checkStaple(named.credential()));
    CertificateSet before = certificates;
    certificates = new CertificateSet(made);
    terms = on; // behind what was made for it: see terms()
    before.giveUp();
    return true;
  }

  /**
   * A handler for a new connection, its handshake not bounded in time; null when there is no
   * certificate yet.
   *
   * @param serverName as the client sent it, or null when it sent none
   */
  public @Nullable SslHandler newHandler(ByteBufAllocator allocator, @Nullable String serverName) {
    while (true) {
      CertificateSet now = certificates;
      ServerCredential credential = now.find(serverName);
      if (credential == null) {
        return null;
      }
      SslHandler handler = credential.newHandler(allocator);
      if (handler != null) {
        return handler;
      }
      if (now == certificates) {
        return null; // closed
      }
    }
  }

  /** Whether some certificate source proves its names to an authority by way of handshakes. */
  public boolean answersChallenges() {
    return !challenges.isEmpty();
  }

  /**
   * The certificate for an authority that validates a name, or null when no source has a challenge
   * for it.
   */
  public @Nullable KeyedCertificate challenge(String serverName) {
    return challenges.certificate(serverName.toLowerCase(Locale.ROOT));
  }

  /**
   * A handler for an authority that validates a name (RFC 8737 §3): it shows the certificate of the
   * challenge, agrees on {@code acme-tls/1}, and is good for a handshake only. Made beside the
   * event loops, since a new context reads files.
   *
   * @param loop of the connection; completes the future
   */
  public io.netty.util.concurrent.Future<SslHandler> newChallengeHandler(
      KeyedCertificate challenge, ByteBufAllocator allocator, EventExecutor loop) {
    Promise<SslHandler> promise = loop.newPromise();
    try {
      blocking.execute(
          () -> {
            try {
              promise.setSuccess(contexts.challengeHandler(challenge, allocator));
            } catch (SSLException | RuntimeException e) {
              log.error("listener {}: the certificate of a challenge cannot serve", name, e);
              promise.setFailure(e);
            }
          });
    } catch (RejectedExecutionException e) {
      promise.setFailure(e); // the process ends
    }
    return promise;
  }

  /**
   * On what terms clients may come now. Ask before {@link #newHandler}: the handshake is then held
   * to these terms or to later ones.
   */
  public ClientTerms terms() {
    return terms;
  }

  /**
   * Whether a client that says by ALPN what it would speak offers something that is spoken here
   * (RFC 7301 §3.2); one that does not say so takes what is usual.
   *
   * @param hello the body of a ClientHello; not moved
   */
  public boolean speaksWith(ByteBuf hello) {
    List<String> spoken = contexts.applicationProtocols();
    if (spoken.isEmpty()) {
      return true;
    }
    List<String> offered = ClientHello.applicationProtocols(hello);
    return offered.isEmpty()
        || offered.stream().anyMatch(spoken::contains)
        || (offered.contains("http/1.0") && spoken.contains("http/1.1"));
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      tasks.forEach(task -> task.cancel(false));
      CertificateSet last = certificates;
      certificates = CertificateSet.EMPTY;
      last.giveUp();
    }
  }
}
