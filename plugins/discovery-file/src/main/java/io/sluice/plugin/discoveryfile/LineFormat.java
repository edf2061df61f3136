package io.sluice.plugin.discoveryfile;

import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint a line: {@code 10.0.0.1:9090 weight=3 zone=b priority=1 host=one.example.com}, {@code
 * backup} for {@code priority=1}; what follows a {@code #} is a comment. The last line ends with a
 * line feed, else the file is taken for half-written; {@code none} alone says that there are no
 * endpoints, which an empty file does not.
 */
final class LineFormat {

  private static final String NONE = "none";
  private static final String SETTINGS = "weight=1, zone=NAME, priority=0, backup or host=NAME";

  private final Found found;

  private LineFormat(String file) {
    this.found = new Found(file);
  }

  static List<EndpointSpec> parse(String file, String text) throws InvalidFile {
    return new LineFormat(file).parse(text);
  }

  private List<EndpointSpec> parse(String text) throws InvalidFile {
    List<String> lines = text.lines().toList();
    if (!text.isEmpty() && !text.endsWith("\n")) {
      found.problem(lines.size(), "the last line has no line feed: half-written?", "");
      return found.orThrow();
    }
    boolean none = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int comment = line.indexOf('#');
      String content = (comment < 0 ? line : line.substring(0, comment)).strip();
      if (content.equals(NONE)) {
        none = true;
      } else if (!content.isEmpty()) {
        endpoint(i + 1, content.split("\\s+"));
      }
    }
    int last = Math.max(1, lines.size());
    if (found.isEmpty() && !none) {
      found.problem(last, "no endpoint", "an address a line, or the word none");
    } else if (!found.isEmpty() && none) {
      found.problem(last, "\"none\" stands beside endpoints", "one of the two");
    }
    return found.orThrow();
  }

  private void endpoint(int line, String[] words) {
    int weight = 1;
    int priority = 0;
    @Nullable String zone = null;
    @Nullable String host = null;
    for (int i = 1; i < words.length; i++) {
      String word = words[i];
      int equals = word.indexOf('=');
      String key = equals < 0 ? word : word.substring(0, equals);
      String value = equals < 0 ? "" : word.substring(equals + 1);
      boolean valid = false;
      if (key.equals("weight")) {
        weight = Found.number(value, 1, 65_535);
        valid = weight > 0;
      } else if (key.equals("priority")) {
        priority = Found.number(value, 0, 127);
        valid = priority >= 0;
      } else if (key.equals("zone")) {
        zone = value;
        valid = !value.isEmpty();
      } else if (key.equals("host")) {
        host = value;
        valid = EndpointSpec.isName(value);
      } else if (word.equals("backup")) {
        priority = 1;
        valid = true;
      }
      if (!valid) {
        found.problem(line, "\"" + word + "\" is no setting", SETTINGS);
        return;
      }
    }
    found.add(line, words[0], new Found.Settings(weight, zone, priority, host));
  }
}
