package io.sluice.core.config;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.config.ConfigValue;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A block that has every key or none, and no values, and remembers what it was asked for. */
final class RecordingSection extends TypedReads {
  private static final String OWN_NAME = "NAME";

  private final KeyRecorder recorder;
  private final String path;

  RecordingSection(KeyRecorder recorder, String path) {
    this.recorder = recorder;
    this.path = path;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String location() {
    return "reference:1";
  }

  @Override
  public boolean has(String key) {
    return recorder.isPresent();
  }

  @Override
  public Set<String> keys() {
    return Set.of();
  }

  @Override
  <T> ConfigValue<T> read(String key, KeyKind<T> kind) {
    return new RecordedRead<>(
        recorder, child(key), kind.name(), kind.placeholder(), false, kind.show());
  }

  @Override
  public ConfigValue<Path> file(String key) {
    return new RecordedRead<>(recorder, child(key), "file", Path.of(""), false, Path::toString);
  }

  @Override
  public ConfigValue<List<String>> strings(String key) {
    return new RecordedRead<>(
        recorder, child(key), "list of texts", List.of(), false, KeyKind::showTexts);
  }

  @Override
  public ConfigValue<ConfigSection> section(String key) {
    return new RecordedRead<>(
        recorder, child(key), "block", new RecordingSection(recorder, child(key)), true, s -> "");
  }

  @Override
  public LocatedSection empty(String key) {
    return new RecordingSection(recorder, child(key));
  }

  @Override
  public ConfigValue<List<ConfigSection>> sections(String key) {
    ConfigSection member = new RecordingSection(recorder, child(key) + "[]");
    return new RecordedRead<>(
        recorder, child(key), "list of blocks", List.of(member), true, RecordingSection::showList);
  }

  @Override
  public ConfigValue<Map<String, String>> entries() {
    return new RecordedRead<>(recorder, child(OWN_NAME), "text", Map.of(), true, map -> "");
  }

  @Override
  public ConfigValue<Map<String, ConfigSection>> named() {
    ConfigSection member = new RecordingSection(recorder, child(OWN_NAME));
    return new RecordedRead<>(
        recorder, child(OWN_NAME), "block", Map.of(OWN_NAME, member), true, map -> "");
  }

  @Override
  public ConfigValue<Element> element(String key) {
    Element member = new RecordedElement(recorder, child(key));
    return new RecordedRead<>(
        recorder, child(key), "text, list or block", member, true, Element::text);
  }

  @Override
  public ConfigValue<List<Element>> elements(String key) {
    Element member = new RecordedElement(recorder, child(key) + "[]");
    return new RecordedRead<>(
        recorder, child(key), "list", List.of(member), true, RecordingSection::showList);
  }

  private static String showList(List<?> list) {
    return list.isEmpty() ? "[]" : "";
  }

  @Override
  public void problem(String key, String problem, String expected) {
    // Placeholders may well be wrong together; only the keys matter here.
  }

  @Override
  public void unknown(String key, String problem, Collection<String> known) {
    // As above.
  }

  @Override
  public String canonical() {
    return "{}";
  }

  @Override
  public String effective() {
    return "{}";
  }

  @Override
  public LocatedSection over(LocatedSection below) {
    return this;
  }

  @Override
  public void reportUnread() {
    // Nothing is ever unread.
  }

  @Override
  public void ignoreUnread() {
    // Nothing is ever unread.
  }

  private String child(String key) {
    return Paths.child(path, key);
  }
}
