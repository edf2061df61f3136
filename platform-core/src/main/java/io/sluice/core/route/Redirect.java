package io.sluice.core.route;

import io.sluice.api.http.RequestHead;
import io.sluice.core.config.LocatedSection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An answer that sends the client elsewhere (RFC 9110 §15.4). Immutable. */
public final class Redirect implements Destination {

  private static final Set<Long> STATUSES = Set.of(301L, 302L, 303L, 307L, 308L);

  private final Template to;
  private final int status;
  private final @Nullable PathCondition path;

  private Redirect(Template to, int status, @Nullable PathCondition path) {
    this.to = to;
    this.status = status;
    this.path = path;
  }

  static @Nullable Redirect decode(LocatedSection section, @Nullable PathCondition path) {
    String to =
        section
            .string("to")
            .describe(
                "the Location; {scheme} {host} {authority} {path} {query} {uri} {rest} {method} and the"
                    + " groups of path-regex stand for the request's")
            .check(text -> !text.isEmpty(), "a URL or a path")
            .required();
    long status =
        section
            .integer("status", 301, 308)
            .describe("the status code")
            .check(STATUSES::contains, "301, 302, 303, 307 or 308")
            .orElse(302L);
    Template template = new TemplateReader(path).readUrl(section, "to", to);
    return template == null ? null : new Redirect(template, (int) status, path);
  }

  /** 301, 302, 303, 307 or 308. */
  public int status() {
    return status;
  }

  /**
   * The value of the Location field for a request that matches the route. A template that does not
   * name another host cannot be made to by the request's path.
   */
  public String location(RequestHead head) {
    StringBuilder location = new StringBuilder();
    to.render(location, MatchedPath.values(head, path, to));
    if (!to.beginsWith("//")) {
      int slashes = 0;
      while (slashes < location.length() && location.charAt(slashes) == '/') {
        slashes++;
      }
      if (slashes > 1) {
        location.delete(0, slashes - 1);
      }
    }
    return location.toString();
  }

  /** The template of the Location field. */
  @Override
  public String toString() {
    return "redirect " + status + " to " + to;
  }
}
