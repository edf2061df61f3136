package io.sluice.plugin.testkit;

import io.sluice.api.http.HeaderName;
import io.sluice.api.http.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Field lines in a list, with the checks of the real ones. */
public final class FakeHeaders implements Headers {

  private final List<Map.Entry<HeaderName, String>> lines = new ArrayList<>();

  /** Lines such as {@code "Host: a.example"}, without line breaks. */
  public static FakeHeaders of(String... lines) {
    FakeHeaders headers = new FakeHeaders();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IllegalArgumentException("not a field line: \"" + line + "\"");
      }
      headers.add(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    return headers;
  }

  /** The same lines, to be edited apart. */
  public FakeHeaders copy() {
    FakeHeaders copy = new FakeHeaders();
    copy.lines.addAll(lines);
    return copy;
  }

  /** The lines as {@code "Name: value"}, in order. */
  public List<String> lines() {
    return lines.stream().map(line -> line.getKey() + ": " + line.getValue()).toList();
  }

  @Override
  public int size() {
    return lines.size();
  }

  @Override
  public @Nullable String get(HeaderName name) {
    return lines.stream()
        .filter(line -> line.getKey().equals(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  @Override
  public List<String> all(HeaderName name) {
    return lines.stream()
        .filter(line -> line.getKey().equals(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  public boolean contains(HeaderName name) {
    return get(name) != null;
  }

  @Override
  public boolean containsToken(HeaderName name, String token) {
    return all(name).stream()
        .flatMap(value -> List.of(value.split(",", -1)).stream())
        .anyMatch(member -> member.strip().equalsIgnoreCase(token));
  }

  @Override
  public Headers set(HeaderName name, String value) {
    check(value);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).getKey().equals(name)) {
        lines.set(i, Map.entry(name, value));
        lines.subList(i + 1, lines.size()).removeIf(line -> line.getKey().equals(name));
        return this;
      }
    }
    return add(name, value);
  }

  @Override
  public Headers add(HeaderName name, String value) {
    check(value);
    lines.add(Map.entry(name, value));
    return this;
  }

  @Override
  public boolean remove(HeaderName name) {
    return lines.removeIf(line -> line.getKey().equals(name));
  }

  @Override
  public void forEach(Visitor visitor) {
    List.copyOf(lines).forEach(line -> visitor.line(line.getKey().toString(), line.getValue()));
  }

  private static void check(String value) {
    if (value.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0 || c > 0xff)) {
      throw new IllegalArgumentException("not a field value: \"" + value + "\"");
    }
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}
