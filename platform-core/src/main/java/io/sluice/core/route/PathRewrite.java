package io.sluice.core.route;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.sluice.api.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** What a route makes of the path before an attempt. Immutable. */
sealed interface PathRewrite {

  /** Leaves the path alone. */
  PathRewrite NONE = new None();

  /** The path to send in place of the request's; the same instance where nothing changes. */
  String apply(RequestHead head);

  /** In a few words, for an explanation. */
  @Override
  String toString();

  /** Nothing to do. */
  record None() implements PathRewrite {
    @Override
    public String apply(RequestHead head) {
      return head.path();
    }

    @Override
    public String toString() {
      return "path kept";
    }
  }

  /** Takes a prefix of whole segments away, puts another in front, or both. */
  record SwapPrefix(@Nullable PathPattern stripped, String put) implements PathRewrite {
    @Override
    public String apply(RequestHead head) {
      String path = head.path();
      if (stripped == null) {
        return PathPattern.join(put, path);
      }
      return stripped.matches(path) ? stripped.replaceMatched(path, put) : path;
    }

    @Override
    public String toString() {
      if (stripped == null) {
        return "prefix " + put + " added";
      }
      return put.isEmpty() ? stripped + " stripped" : stripped + " replaced by " + put;
    }
  }

  /** Puts a prefix in place of what the route matched. */
  record SwapMatched(PathCondition matched, String put) implements PathRewrite {
    @Override
    public String apply(RequestHead head) {
      String path = head.path();
      PathPattern pattern = matched.matched(path);
      return pattern == null ? path : pattern.replaceMatched(path, put);
    }

    @Override
    public String toString() {
      return "matched part replaced by " + put;
    }
  }

  /** Puts one path in place of all. */
  record Replace(Template template, @Nullable PathCondition condition) implements PathRewrite {
    @Override
    public String apply(RequestHead head) {
      StringBuilder out = new StringBuilder();
      template.render(out, MatchedPath.values(head, condition, template));
      return out.toString();
    }

    @Override
    public String toString() {
      return "path set to " + template;
    }
  }

  /** Replaces each match of an expression. */
  record Substitute(Pattern pattern, Template replacement) implements PathRewrite {
    @Override
    public String apply(RequestHead head) {
      String path = head.path();
      Matcher matcher = pattern.matcher(path);
      if (!matcher.find()) {
        return path;
      }
      Template.Values values = new Template.Values(head, "", matcher);
      StringBuilder out = new StringBuilder();
      int from = 0;
      do {
        out.append(path, from, matcher.start());
        replacement.render(out, values);
        from = matcher.end();
      } while (matcher.find());
      return out.append(path, from, path.length()).toString();
    }

    @Override
    public String toString() {
      return "~" + pattern.pattern() + " replaced by " + replacement;
    }
  }
}
