package io.sluice.api.middleware;

/** How a middleware leaves a phase. */
public enum Flow {
  /** Go on with the next middleware. */
  CONTINUE,
  /** {@link Exchange#suspend} was called: wait for its {@link Resumption}. */
  SUSPENDED,
  /** {@link Exchange#respond} was called: go on with the response. */
  RESPONDED
}
