package io.sluice.core.config;

import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * What the sections of one configuration share.
 *
 * @param problems where they report
 * @param folders the folder of each file read, by the file's shown name
 * @param written the paths of values that another block shows as its own, by identity
 */
record Source(Problems problems, Map<String, Path> folders, Map<Node, String> written) {

  Source(Problems problems, Map<String, Path> folders) {
    this(problems, folders, new IdentityHashMap<>());
  }

  /**
   * A value, and all within it, is about to be shown by another block than the one it stands in.
   */
  void writtenAt(Node value, String path) {
    written.put(value, path);
    if (value instanceof Node.Block block) {
      block.members().forEach((key, member) -> writtenAt(member, Paths.child(path, key)));
    }
  }

  /** The path where a value stands in the configuration. */
  String pathOf(Node value, String shownAt) {
    return written.getOrDefault(value, shownAt);
  }

  Path resolve(Place place, String file) {
    Path folder = folders.get(place.file());
    return folder == null ? Path.of(file) : folder.resolve(file);
  }

  void report(String path, Place place, String problem, String hint) {
    problems.add(new Problem(place.file(), place.line(), path, problem, hint));
  }

  /** Records why {@code value} was refused, quoting it unless it is secret. */
  void refuse(String path, Node value, boolean secret, Refused refused) {
    if (refused.isReported()) {
      return;
    }
    String problem;
    if (secret || (value instanceof Node.Text text && text.state() == Node.State.SECRET)) {
      problem = refused.problemWithSecret();
    } else {
      String shown = value instanceof Node.Text text ? Secrets.shown(text.text()) : "the value";
      problem = refused.problem(shown);
    }
    report(path, value.place(), problem, refused.hint());
  }
}
