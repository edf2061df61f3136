package io.sluice.core.route;

import com.google.re2j.Pattern;
import io.sluice.core.config.LocatedSection;
import io.sluice.core.http.PathNormalizer;
import io.sluice.core.route.Template.Variable;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compiles the templates of one route, and reports what is wrong with them where they stand. */
final class TemplateReader {

  /** Variables without a question mark in what they stand for. */
  private static final Set<Variable> PATH_VARIABLES =
      EnumSet.of(Variable.HOST, Variable.METHOD, Variable.PATH, Variable.REST, Variable.SCHEME);

  private final @Nullable PathCondition path;

  TemplateReader(@Nullable PathCondition path) {
    this.path = path;
  }

  /** The template of a URL at {@code key}, or null after a problem. */
  @Nullable Template readUrl(LocatedSection section, String key, String text) {
    return read(section, key, text, EnumSet.allOf(Variable.class), groups());
  }

  private static @Nullable Template read(
      LocatedSection section,
      String key,
      String text,
      Set<Variable> allowed,
      @Nullable Pattern groups) {
    try {
      return Template.compile(text, allowed, groups);
    } catch (Template.Malformed e) {
      if (e.known().isEmpty()) {
        section.problem(key, e.problem(), "text with {variables}");
      } else {
        section.unknown(key, e.problem(), e.known());
      }
      return null;
    }
  }

  /** The template of a path, or of a part of one. */
  @Nullable Template readPath(
      LocatedSection section, String key, String text, @Nullable Pattern groups) {
    Template template = read(section, key, text, PATH_VARIABLES, groups);
    if (template == null) {
      return null;
    }
    String sample = "/" + template.sample();
    if (!sample.equals(PathNormalizer.normalize(sample, true))) {
      section.problem(key, "does not make a normal path", "no escapes or dot segments to resolve");
      return null;
    }
    return template;
  }

  /** The one expression whose groups can be meant. */
  @Nullable Pattern groups() {
    List<PathPattern> patterns = path == null ? List.of() : path.patterns();
    return patterns.size() == 1 && patterns.get(0) instanceof PathPattern.Regex regex
        ? regex.pattern()
        : null;
  }
}
