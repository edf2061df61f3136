package io.sluice.core.route;

import com.google.re2j.Pattern;
import io.sluice.api.error.ErrorKind;
import io.sluice.api.error.ProxyError;
import io.sluice.api.http.RequestHead;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.http.PathNormalizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a route changes in the target of a request before it goes to an endpoint. The client's
 * request stays as it is; each attempt asks anew. Immutable; used on event loops.
 */
public final class Rewrite {

  /** Which Host field the endpoint gets. */
  public enum Host {
    /** The client's. */
    KEEP,
    /** The endpoint's own address, as the configuration writes it. */
    UPSTREAM,
    /** The text in {@link #hostText}. */
    LITERAL
  }

  private final PathRewrite rewrite;
  private final @Nullable PathCondition matched;
  private final Host host;
  private final String hostText;

  private Rewrite(
      PathRewrite rewrite, @Nullable PathCondition matched, Host host, String hostText) {
    this.rewrite = rewrite;
    this.matched = matched;
    this.host = host;
    this.hostText = hostText;
  }

  /** Changes nothing; {@code matched} is what an endpoint's own path takes the place of. */
  static Rewrite none(@Nullable PathCondition matched) {
    return new Rewrite(PathRewrite.NONE, matched, Host.KEEP, "");
  }

  static Rewrite decode(LocatedSection section, @Nullable PathCondition matched) {
    PathRewrite rewrite = pathRewrite(section, matched);
    String host =
        section
            .string("host")
            .describe("the Host that the endpoint gets: keep, upstream, or a text")
            .check(Rewrite::isAuthority, "keep, upstream, or a host with an optional port")
            .orElse("keep");
    return switch (host) {
      case "keep" -> new Rewrite(rewrite, matched, Host.KEEP, "");
      case "upstream" -> new Rewrite(rewrite, matched, Host.UPSTREAM, "");
      default -> new Rewrite(rewrite, matched, Host.LITERAL, host);
    };
  }

  private static boolean isAuthority(String text) {
    return !text.isEmpty()
        && text.chars()
            .allMatch(c -> (c < 0x80 && Character.isLetterOrDigit(c)) || "-._~:[]".indexOf(c) >= 0);
  }

  private static PathRewrite pathRewrite(LocatedSection section, @Nullable PathCondition matched) {
    PathRewrite whole = replace(section, matched);
    PathRewrite prefix = swapPrefix(section, matched);
    PathRewrite regex = substitute(section);
    List<PathRewrite> given =
        List.of(whole, prefix, regex).stream().filter(one -> one != PathRewrite.NONE).toList();
    if (given.size() > 1) {
      section.problem(
          "",
          "rewrites the path in more than one way",
          "one of path, regex with replacement, or strip-prefix and prefix");
    }
    return given.isEmpty() ? PathRewrite.NONE : given.get(0);
  }

  private static PathRewrite replace(LocatedSection section, @Nullable PathCondition matched) {
    String text =
        section
            .string("path")
            .describe(
                "the whole path to send; {path} {rest} {host} {scheme} {method} and the groups of"
                    + " path-regex stand for the request's")
            .check(path -> path.startsWith("/") || path.startsWith("{"), "a path")
            .optional()
            .orElse("");
    if (text.isEmpty()) {
      return PathRewrite.NONE;
    }
    TemplateReader reader = new TemplateReader(matched);
    Template template = reader.readPath(section, "path", text, reader.groups());
    return template == null ? PathRewrite.NONE : new PathRewrite.Replace(template, matched);
  }

  private static PathRewrite swapPrefix(LocatedSection section, @Nullable PathCondition matched) {
    PathPattern stripped =
        section
            .string("strip-prefix")
            .describe("a prefix of whole segments to take away from the path")
            .<@Nullable PathPattern>map(
                text -> new PathPattern.Prefix(MatchDecoder.path(text)),
                "a path",
                new PathPattern.Prefix("/"))
            .optional()
            .orElse(null);
    String put =
        section
            .string("prefix")
            .describe(
                "a path to put in place of what strip-prefix takes away; without that, of what the"
                    + " route's path matcher matched; without either, in front")
            .map(MatchDecoder::path, "a path", "/")
            .optional()
            .orElse("");
    if (stripped == null && put.isEmpty()) {
      return PathRewrite.NONE;
    }
    return stripped == null && matched != null
        ? new PathRewrite.SwapMatched(matched, put)
        : new PathRewrite.SwapPrefix(stripped, put);
  }

  private static PathRewrite substitute(LocatedSection section) {
    Pattern pattern =
        section
            .string("regex")
            .describe("a regular expression (RE2); each match in the path is replaced")
            .<@Nullable Pattern>map(
                MatchDecoder::regex, "a regular expression", Pattern.compile(""))
            .optional()
            .orElse(null);
    String text =
        section
            .string("replacement")
            .describe("what replaces each match of regex; its groups are {name} and {1}")
            .orElse("");
    if (pattern == null) {
      if (section.has("replacement") && !section.has("regex")) {
        section.problem("replacement", "has no regex whose matches it replaces", "regex as well");
      }
      return PathRewrite.NONE;
    }
    if (!section.has("replacement")) {
      section.problem("regex", "has no replacement", "replacement as well");
    }
    if (text.matches(".*[$\\\\][0-9{].*")) {
      section.problem("replacement", "\"" + text + "\" has a group in another notation", "{1}");
    }
    Template template = new TemplateReader(null).readPath(section, "replacement", text, pattern);
    return template == null ? PathRewrite.NONE : new PathRewrite.Substitute(pattern, template);
  }

  /** Which Host field the endpoint gets. */
  public Host host() {
    return host;
  }

  /** The Host field for {@link Host#LITERAL}; else empty. */
  public String hostText() {
    return hostText;
  }

  /**
   * The path to send to an endpoint, which is the request's own, the same instance, where nothing
   * changes.
   *
   * <p>The path of the endpoint's URL takes the place of the part that the route matched: of a
   * prefix, of a whole exact path, of what a regular expression found. In front of it goes what a
   * route without a path matcher, or one that rewrites the path itself, would send.
   *
   * @param endpointPath the path of the endpoint's URL, or an empty text
   * @throws ProxyError {@link ErrorKind#BAD_REQUEST} when the outcome would not be the path of any
   *     request: a part taken out of its place can make a dot segment
   */
  public String path(RequestHead head, String endpointPath) {
    String path = head.path();
    boolean rewritten = rewrite != PathRewrite.NONE;
    if ((!rewritten && endpointPath.isEmpty()) || path.charAt(0) != '/') {
      return path;
    }
    String made = rewrite.apply(head);
    if (!endpointPath.isEmpty()) {
      PathPattern pattern = rewritten || matched == null ? null : matched.matched(path);
      made =
          pattern == null
              ? PathPattern.join(endpointPath, made)
              : pattern.replaceMatched(path, endpointPath);
    }
    if (made.equals(path)) {
      return path;
    }
    String checked = made.startsWith("/") ? made : "/" + made;
    if (!checked.equals(PathNormalizer.normalize(checked, true))) {
      throw new ProxyError(ErrorKind.BAD_REQUEST, true, "the rewritten path is not a path", null);
    }
    return checked;
  }

  /** In a few words, for an explanation. */
  @Override
  public String toString() {
    String hostWords =
        switch (host) {
          case KEEP -> "host kept";
          case UPSTREAM -> "host of the endpoint";
          case LITERAL -> "host " + hostText;
        };
    return rewrite + ", " + hostWords;
  }
}
