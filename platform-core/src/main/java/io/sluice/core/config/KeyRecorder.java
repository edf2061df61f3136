package io.sluice.core.config;

import io.sluice.api.config.ConfigSection;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Finds out which keys a piece of code reads, by letting it read a block that has every key and no
 * values. From these records come the configuration reference and the key lists of plugins, which
 * therefore cannot drift from the code.
 */
public final class KeyRecorder {
  private static final Pattern SEGMENT_END = Pattern.compile("(?=[.\\[])");

  private final Map<String, KeyDoc> keys = new LinkedHashMap<>();
  private final Map<String, Integer> ranks = new HashMap<>();
  private final List<Pass> passes = List.of(new Pass(true), new Pass(false));
  private Pass pass = passes.get(0);

  private KeyRecorder() {}

  /** One reading; {@code present} says whether the sections have what they are asked for. */
  private record Pass(
      boolean present, Set<String> blocks, Set<String> required, Set<String> optional) {
    Pass(boolean present) {
      this(present, new HashSet<>(), new HashSet<>(), new HashSet<>());
    }

    /** Whether this reading can do without the key: it saw the block and did not always insist. */
    boolean allowsAbsence(String path) {
      return blocks.contains(parent(path)) && (optional.contains(path) || !required.contains(path));
    }
  }

  /**
   * The keys that {@code reader} reads, nested ones included: blocks in the order of reading, each
   * with its keys behind it. The reader is called twice, with a section that has every key that it
   * is asked for, and with one that has none, because it may choose by that what to read next; a
   * key counts as required when no reading that came to its block can do without it. The section
   * answers placeholders and defaults, and drops problems.
   *
   * @throws RuntimeException whatever the reader throws on placeholders
   */
  public static List<KeyDoc> record(Consumer<ConfigSection> reader) {
    KeyRecorder recorder = new KeyRecorder();
    for (Pass pass : recorder.passes) {
      recorder.pass = pass;
      reader.accept(new RecordingSection(recorder, ""));
    }
    return recorder.keys.values().stream()
        .map(recorder::judged)
        .sorted((a, b) -> Arrays.compare(recorder.rank(a), recorder.rank(b)))
        .toList();
  }

  private KeyDoc judged(KeyDoc key) {
    boolean required = passes.stream().noneMatch(pass -> pass.allowsAbsence(key.path()));
    return new KeyDoc(key.path(), key.type(), key.fallback(), key.meaning(), required);
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(path.lastIndexOf('.'), 0));
  }

  /** Whether the sections have what they are asked for. */
  boolean isPresent() {
    return pass.present;
  }

  /** Keeps the first record of a key, unless it said nothing and this one does. */
  void keep(KeyDoc doc) {
    pass.blocks.add(parent(doc.path()));
    (doc.required() ? pass.required : pass.optional).add(doc.path());
    rank(doc);
    KeyDoc known = keys.get(doc.path());
    if (known == null || (known.meaning().isEmpty() && !doc.meaning().isEmpty())) {
      keys.put(doc.path(), doc);
    }
  }

  /** When each part of the key's path was first read, outermost first. */
  private int[] rank(KeyDoc doc) {
    StringBuilder prefix = new StringBuilder();
    return SEGMENT_END
        .splitAsStream(doc.path())
        .mapToInt(part -> ranks.computeIfAbsent(prefix.append(part).toString(), p -> ranks.size()))
        .toArray();
  }
}
