package io.sluice.core.route;

import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.Element;
import io.sluice.core.config.LocatedSection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One upstream, or several that share a route's requests by weight. Immutable. */
public final class WeightedUpstreams implements Destination {

  private static final int MAX_WEIGHT = 1_000_000;

  /**
   * A member.
   *
   * @param name of the upstream
   * @param weight its share of the requests, relative to the others; 0 gets none
   * @param element where it stands, for problems
   */
  public record Member(String name, int weight, Element element) {}

  private final List<Member> members;
  private final long[] upTo;

  private WeightedUpstreams(List<Member> members) {
    this.members = List.copyOf(members);
    this.upTo = new long[members.size()];
    long total = 0;
    for (int i = 0; i < upTo.length; i++) {
      total += members.get(i).weight;
      upTo[i] = total;
    }
  }

  /** Those that the section names, or null where it has no {@code upstream}. */
  static @Nullable WeightedUpstreams decode(LocatedSection route) {
    List<Element> elements =
        route
            .elements("upstream")
            .describe("the upstream that serves the route, or a list of them with weights")
            .<List<Element>>map(WeightedUpstreams::some, "at least one upstream", List.of())
            .optional()
            .orElse(null);
    if (elements == null) {
      return null;
    }
    List<Member> members = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long total = 0;
    for (Element element : elements) {
      Member member = member(element);
      if (!names.add(member.name) && !member.name.isEmpty()) {
        element.problem("upstream \"" + member.name + "\" is in the list twice", "each once");
      }
      total += member.weight;
      members.add(member);
    }
    if (total == 0 && !elements.isEmpty()) {
      route.problem("upstream", "has no weight above 0", "a weight from 1 up");
    }
    return new WeightedUpstreams(members);
  }

  private static List<Element> some(List<Element> elements) {
    if (elements.isEmpty()) {
      throw new IllegalArgumentException("is empty");
    }
    return elements;
  }

  private static Member member(Element element) {
    if (element.isText()) {
      return new Member(element.text(), 1, element);
    }
    if (element.isList()) {
      element.problem("is a list in a list", "a name, or { name, weight }");
      return new Member("", 1, element);
    }
    ConfigSection section = element.section();
    String name = section.string("name").describe("the name of an upstream").required();
    long weight =
        section
            .integer("weight", 0, MAX_WEIGHT)
            .describe("its share of the requests, relative to the others'; 0 gets none")
            .orElse(1L);
    return new Member(name, (int) weight, element);
  }

  /** The members, in the order of the configuration. */
  public List<Member> members() {
    return members;
  }

  /**
   * The index in {@link #members} of the one to serve a request.
   *
   * @param random 64 bits, evenly distributed
   */
  public int pick(long random) {
    if (upTo.length == 1) {
      return 0;
    }
    long point = (random >>> 1) % upTo[upTo.length - 1];
    int index = 0;
    while (point >= upTo[index]) {
      index++;
    }
    return index;
  }

  @Override
  public String toString() {
    return "upstream " + Words.anyOf(members.stream().map(Member::name).toList());
  }
}
