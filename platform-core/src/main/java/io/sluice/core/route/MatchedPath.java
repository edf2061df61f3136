package io.sluice.core.route;

import com.google.re2j.Matcher;
import io.sluice.api.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** What a request's path says about the variables of its route's templates. */
final class MatchedPath {

  private MatchedPath() {}

  /** The values for {@code template}, for a request that matches {@code condition}. */
  static Template.Values values(
      RequestHead head, @Nullable PathCondition condition, Template template) {
    String path = head.path();
    PathPattern pattern = condition == null ? null : condition.matched(path);
    if (pattern == null) {
      return new Template.Values(head, path, null);
    }
    Matcher groups = null;
    if (template.usesGroups() && pattern instanceof PathPattern.Regex regex) {
      groups = regex.pattern().matcher(path);
      if (!groups.find()) {
        groups = null;
      }
    }
    return new Template.Values(head, pattern.rest(path), groups);
  }
}
