package io.sluice.core.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files of one configuration: reads each once and outlines them in the order of inclusion. */
final class SourceFiles {

  /**
   * A file that was read.
   *
   * @param path as the user named it; its text is what messages call it
   */
  record SourceFile(Path path, String text) {
    String name() {
      return path.toString();
    }
  }

  private final Map<String, String> environment;
  private final Problems problems;
  private final Outline outline = new Outline();
  private final Map<Path, SourceFile> read = new LinkedHashMap<>();
  private final Map<Path, Map<String, List<SourceFile>>> included = new HashMap<>();
  private final Map<String, Path> folders = new LinkedHashMap<>();
  private final Deque<Path> open = new ArrayDeque<>();
  private final Set<String> unusable = new HashSet<>();
  private final Map<String, Problem> unclosed = new HashMap<>();
  private boolean parsable = true;

  SourceFiles(Map<String, String> environment, Problems problems) {
    this.environment = environment;
    this.problems = problems;
  }

  /** Outlines a file and, where they are included, the others. */
  void outline(SourceFile file, String prefix) {
    problems.reading(file.name());
    Path key = key(file.path());
    Path folder = key.getParent();
    folders.put(file.name(), folder == null ? key : folder);
    open.push(key);
    OutlineReader reader =
        new OutlineReader(
            file.name(),
            file.text(),
            outline,
            new Hints(file.name(), file.text(), problems),
            environment::containsKey,
            (name, place, path) -> include(file, name, place, path));
    if (!reader.read(prefix)) {
      problems.add(file.name(), 1, "", "nests more than 100 blocks or lists", "");
      unusable.add(file.name());
      parsable = false;
    }
    Problem left = reader.unclosed();
    if (left != null) {
      unclosed.put(file.name(), left);
    }
    open.pop();
  }

  private void include(SourceFile by, String name, Place place, String prefix) {
    List<SourceFile> files = new ArrayList<>();
    for (Path path : resolve(by, name, place, prefix)) {
      if (open.contains(key(path))) {
        refuse(by, place, prefix, "include \"" + name + "\" goes in a circle");
        continue;
      }
      SourceFile file = read(path, by, place, prefix);
      if (file != null) {
        files.add(file);
        outline(file, prefix);
      }
    }
    included.computeIfAbsent(key(by.path()), k -> new HashMap<>()).put(name, files);
  }

  private List<Path> resolve(SourceFile by, String name, Place place, String prefix) {
    try {
      Path path = by.path().resolveSibling(name);
      if (name.contains("*") || name.contains("?")) {
        return matching(path);
      }
      if (Files.isRegularFile(path)) {
        return List.of(path);
      }
      Path withEnding = by.path().resolveSibling(name + ".conf");
      if (Files.isRegularFile(withEnding)) {
        return List.of(withEnding);
      }
      refuse(by, place, prefix, "include \"" + name + "\": there is no such file");
    } catch (InvalidPathException e) {
      refuse(by, place, prefix, "include \"" + name + "\": cannot be the name of a file");
    } catch (IOException e) {
      refuse(by, place, prefix, "include \"" + name + "\": there is no such folder");
    }
    return List.of();
  }

  /** The files that match a pattern in the last part of {@code pattern}, sorted by name. */
  private static List<Path> matching(Path pattern) throws IOException {
    Path folder = pattern.getParent();
    Path name = pattern.getFileName();
    if (name == null) {
      return List.of();
    }
    List<Path> matching = new ArrayList<>();
    Path searched = folder == null ? Path.of("") : folder;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(searched, name.toString())) {
      for (Path entry : entries) {
        Path entryName = entry.getFileName();
        boolean hidden = entryName == null || entryName.toString().startsWith(".");
        if (!hidden && Files.isRegularFile(entry)) {
          matching.add(entry);
        }
      }
    }
    Collections.sort(matching);
    return matching;
  }

  private @Nullable SourceFile read(Path path, SourceFile by, Place place, String prefix) {
    SourceFile known = read.get(key(path));
    if (known != null) {
      return known;
    }
    try {
      SourceFile file = new SourceFile(path, Files.readString(path));
      read.put(key(path), file);
      return file;
    } catch (CharacterCodingException e) {
      problems.reading(path.toString());
      problems.add(path.toString(), 1, "", "is not text in UTF-8", "");
      unusable.add(by.name());
    } catch (IOException e) {
      refuse(by, place, prefix, "cannot read \"" + path + "\"");
    }
    return null;
  }

  private void refuse(SourceFile by, Place place, String prefix, String problem) {
    problems.add(place.file(), place.line(), prefix, problem, "");
    unusable.add(by.name());
  }

  private static Path key(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** The files that {@code name} stands for where {@code by} includes it. */
  List<SourceFile> included(SourceFile by, String name) {
    return included.getOrDefault(key(by.path()), Map.of()).getOrDefault(name, List.of());
  }

  Outline outline() {
    return outline;
  }

  Map<String, Path> folders() {
    return folders;
  }

  /** Notes that a file has no meaning, so that neither has the configuration. */
  void refuse(SourceFile file) {
    unusable.add(file.name());
  }

  /** What the end of a file leaves open; null when nothing. */
  @Nullable Problem unclosed(String name) {
    return unclosed.get(name);
  }

  /** Every file that was included and could be read. */
  Collection<SourceFile> all() {
    return List.copyOf(read.values());
  }

  /** Whether the files may be handed to a parser that recurses. */
  boolean isParsable() {
    return parsable;
  }

  boolean isUsable() {
    return unusable.isEmpty();
  }
}
