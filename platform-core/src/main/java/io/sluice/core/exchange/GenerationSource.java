package io.sluice.core.exchange;

/** Where the current generation is read: one volatile read. */
@FunctionalInterface
public interface GenerationSource {

  /** The generation that new exchanges begin on. */
  Generation current();
}
