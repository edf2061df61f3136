package io.sluice.core.config;

/** A line of a configuration file, named as the user named it; lines count from 1. */
record Place(String file, int line) {
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
