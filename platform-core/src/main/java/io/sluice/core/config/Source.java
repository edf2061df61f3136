package io.sluice.core.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * What the sections of one configuration share.
 *
 * @param problems where they report
 * @param folders the folder of each file read, by the file's shown name
 */
record Source(Problems problems, Map<String, Path> folders) {
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
