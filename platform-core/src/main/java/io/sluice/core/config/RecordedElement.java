package io.sluice.core.config;

import java.util.Collection;
import java.util.List;

/** A value of a recording section: a block, so that reads go on inside it. */
final class RecordedElement implements Element {
  private final KeyRecorder recorder;
  private final String path;

  RecordedElement(KeyRecorder recorder, String path) {
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
  public boolean isText() {
    return false;
  }

  @Override
  public boolean isList() {
    return false;
  }

  @Override
  public boolean isSection() {
    return true;
  }

  @Override
  public String text() {
    return "";
  }

  @Override
  public List<Element> elements() {
    return List.of();
  }

  @Override
  public LocatedSection section() {
    return new RecordingSection(recorder, path);
  }

  @Override
  public void problem(String problem, String expected) {
    // Only the keys matter here.
  }

  @Override
  public void unknown(String problem, Collection<String> known) {
    // Only the keys matter here.
  }
}
