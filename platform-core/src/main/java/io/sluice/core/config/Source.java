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
}
