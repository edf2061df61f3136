package io.sluice.core.route;

import com.google.re2j.Pattern;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.route.Template.Variable;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compiles the templates of one route, and reports what is wrong with them where they stand. */
final class TemplateReader {

  private final @Nullable PathCondition path;

  TemplateReader(@Nullable PathCondition path) {
    this.path = path;
  }

  /** The template at {@code key}, whose groups are those of the route's expression. */
  @Nullable Template read(LocatedSection section, String key, String text, Set<Variable> allowed) {
    return read(section, key, text, allowed, groups());
  }

  /** The template at {@code key}, or null after a problem. */
  @Nullable Template read(
      LocatedSection section,
      String key,
      String text,
      Set<Variable> allowed,
      @Nullable Pattern groups) {
    try {
      return Template.compile(text, allowed, groups);
    } catch (Template.Malformed e) {
      if (e.known().isEmpty()) {
        section.problem(key, "\"" + text + "\" " + e.problem(), "text with {variables}");
      } else {
        section.unknown(key, e.problem(), e.known());
      }
      return null;
    }
  }

  /** The one expression whose groups can be meant. */
  private @Nullable Pattern groups() {
    List<PathPattern> patterns = path == null ? List.of() : path.patterns();
    return patterns.size() == 1 && patterns.get(0) instanceof PathPattern.Regex regex
        ? regex.pattern()
        : null;
  }
}
