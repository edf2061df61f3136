package io.sluice.core.config;

import io.sluice.api.config.ConfigSection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Finds out which keys a piece of code reads, by letting it read a block that has every key and no
 * values. From these records come the configuration reference and the key lists of plugins, which
 * therefore cannot drift from the code.
 */
public final class KeyRecorder {
  private final Map<String, KeyDoc> keys = new LinkedHashMap<>();

  private KeyRecorder() {}

  /**
   * The keys that {@code reader} reads, nested ones included, in the order of reading. The section
   * that it gets answers placeholders and defaults, has every key that it is asked for, and drops
   * problems.
   *
   * @throws RuntimeException whatever the reader throws on placeholders
   */
  public static List<KeyDoc> record(Consumer<ConfigSection> reader) {
    KeyRecorder recorder = new KeyRecorder();
    reader.accept(new RecordingSection(recorder, ""));
    return List.copyOf(recorder.keys.values());
  }

  /** Keeps the first record of a key, unless it said nothing and this one does. */
  void keep(KeyDoc doc) {
    KeyDoc known = keys.get(doc.path());
    if (known == null || (known.meaning().isEmpty() && !doc.meaning().isEmpty())) {
      keys.put(doc.path(), doc);
    }
  }
}
