package io.sluice.plugin.discoverydns;

import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Type;

/**
 * The answers to everything that had to be asked at one time. Where a question failed, or now says
 * that there is nothing, its last good answer stands in, and the round has a problem.
 */
final class Round {

  /** A question. */
  record Question(String name, int type) {

    @Override
    public String toString() {
      return Type.string(type) + " " + name;
    }
  }

  /** An answer and when it came. */
  record Aged(Answer answer, long atNanos) {}

  private final Map<Question, Aged> before;
  private final Map<Question, Aged> good = new LinkedHashMap<>();
  private final Map<Question, Answer> answers = new LinkedHashMap<>();
  private final Map<Question, String> failures = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();
  private long ttlSeconds = Long.MAX_VALUE;

  /**
   * Nothing asked yet.
   *
   * @param before the good answers of the last round that may stand in still
   */
  Round(Map<Question, Aged> before) {
    this.before = before;
  }

  synchronized void answered(Question question, Answer answer, long nowNanos) {
    answers.put(question, answer);
    if (!answer.isEmpty()) {
      good.put(question, new Aged(answer, nowNanos));
    }
    ttlSeconds = Math.min(ttlSeconds, answer.ttlSeconds());
  }

  synchronized void failed(Question question, String problem) {
    failures.put(question, problem);
  }

  /** The endpoints of a name at its addresses; that is what they are called. */
  synchronized List<EndpointSpec> addresses(String name, List<Integer> types, int port) {
    String called = hostName(name);
    return resolve(name, types).stream()
        .map(address -> EndpointSpec.at(address, port).named(called))
        .toList();
  }

  /** Without the dot of the root; null for what DNS may have and no host is called. */
  private static @Nullable String hostName(String name) {
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return EndpointSpec.isName(bare) ? bare : null;
  }

  /** The SRV records: the last good ones where there are none now. */
  synchronized List<SRVRecord> services(String name) {
    Question question = new Question(name, Type.SRV);
    List<SRVRecord> services = new ArrayList<>();
    for (Record each : answerOf(question)) {
      // A target of "." says that there is no such service here (RFC 2782).
      if (each instanceof SRVRecord srv && !srv.getTarget().equals(Name.root)) {
        services.add(srv);
      }
    }
    if (services.isEmpty() && problems.isEmpty()) {
      problems.add(nothing(name, List.of(Type.SRV)));
    }
    services.sort(
        Comparator.comparingInt(SRVRecord::getPriority)
            .thenComparing(SRVRecord::getTarget)
            .thenComparingInt(SRVRecord::getPort));
    return services;
  }

  /**
   * The endpoints of services: every address of a target shares its weight, and the lowest number
   * serves first (RFC 2782). A weight of 0 becomes 1. What an endpoint is called is the target, for
   * that is the host which offers the service.
   */
  synchronized List<EndpointSpec> endpoints(List<SRVRecord> services, List<Integer> types) {
    List<Integer> priorities =
        new ArrayList<>(new TreeSet<>(services.stream().map(SRVRecord::getPriority).toList()));
    Map<SRVRecord, List<String>> found = new LinkedHashMap<>();
    long shares = 1;
    for (SRVRecord service : services) {
      List<String> addresses = resolve(service.getTarget().toString(), types);
      found.put(service, addresses);
      if (!addresses.isEmpty()) {
        shares = commonMultiple(shares, addresses.size());
      }
    }
    double most = 1;
    for (Map.Entry<SRVRecord, List<String>> each : found.entrySet()) {
      most = Math.max(most, share(each.getKey(), each.getValue(), shares));
    }
    double scale = Math.min(1, 65_535 / most);
    List<EndpointSpec> endpoints = new ArrayList<>();
    for (Map.Entry<SRVRecord, List<String>> each : found.entrySet()) {
      SRVRecord service = each.getKey();
      double weight = share(service, each.getValue(), shares) * scale;
      for (String address : each.getValue()) {
        endpoints.add(
            new EndpointSpec(
                address,
                service.getPort(),
                Math.max(1, (int) weight),
                null,
                priorities.indexOf(service.getPriority()),
                hostName(service.getTarget().toString())));
      }
    }
    return endpoints;
  }

  private static double share(SRVRecord service, List<String> addresses, long shares) {
    return Math.max(1, service.getWeight()) * (double) shares / Math.max(1, addresses.size());
  }

  /** Kept small: what it is for is that weights stay whole, and they are rounded in the end. */
  private static long commonMultiple(long one, long other) {
    long a = one;
    long b = other;
    while (b != 0) {
      long rest = a % b;
      a = b;
      b = rest;
    }
    return Math.min(5_040, one / a * other);
  }

  /** The addresses of a name, sorted, as name servers like to turn them round. */
  private List<String> resolve(String name, List<Integer> types) {
    List<InetAddress> found = new ArrayList<>();
    boolean anyNow =
        types.stream()
            .map(type -> answers.get(new Question(name, type)))
            .anyMatch(answer -> answer != null && !answer.isEmpty());
    List<String> trouble = new ArrayList<>();
    for (int type : types) {
      Question question = new Question(name, type);
      String failure = failures.get(question);
      if (failure != null) {
        trouble.add(failure);
      }
      Answer answer = answers.get(question);
      boolean standIn = failure != null || !anyNow;
      answer = standIn ? standIn(question) : answer;
      if (answer != null) {
        answer.records().forEach(each -> addAddress(each, found));
      }
    }
    if (trouble.isEmpty() && !anyNow) {
      trouble.add(nothing(name, types));
    }
    problems.addAll(trouble);
    TreeSet<InetAddress> sorted =
        new TreeSet<>(
            Comparator.<InetAddress>comparingInt(each -> each.getAddress().length)
                .thenComparing(InetAddress::getHostAddress));
    sorted.addAll(found);
    return new ArrayList<>(
        new LinkedHashSet<>(sorted.stream().map(InetAddress::getHostAddress).toList()));
  }

  private String nothing(String name, List<Integer> types) {
    boolean exists =
        types.stream()
            .map(type -> answers.get(new Question(name, type)))
            .anyMatch(answer -> answer != null && answer.nameExists());
    List<String> names = types.stream().map(Type::string).toList();
    return exists
        ? name + ": no record of type " + String.join(" or ", names)
        : name + ": no such name";
  }

  private static void addAddress(Record each, List<InetAddress> to) {
    if (each instanceof ARecord four) {
      to.add(four.getAddress());
    } else if (each instanceof AAAARecord six) {
      to.add(six.getAddress());
    }
  }

  private List<Record> answerOf(Question question) {
    Answer answer = answers.get(question);
    String failure = failures.get(question);
    if (failure != null) {
      problems.add(failure);
    }
    if (answer != null && !answer.isEmpty()) {
      return answer.records();
    }
    if (failure == null) {
      problems.add(nothing(question.name(), List.of(question.type())));
    }
    Answer known = standIn(question);
    return known == null ? List.of() : known.records();
  }

  private @Nullable Answer standIn(Question question) {
    Aged known = before.get(question);
    if (known == null) {
      return null;
    }
    good.put(question, known);
    return known.answer();
  }

  /** What went wrong, or null. */
  synchronized @Nullable String problem() {
    return problems.isEmpty() ? null : problems.get(0);
  }

  /** The least TTL of the answers. */
  synchronized long ttlSeconds() {
    return ttlSeconds;
  }

  /** The answers with records, for the next round. */
  synchronized Map<Question, Aged> good() {
    return new LinkedHashMap<>(good);
  }
}
