package io.sluice.core.plugin;

/**
 * Tells what a plugin may throw without harm to anyone but its own exchange from what concerns the
 * whole process.
 *
 * <p>Exceptions of every kind and most errors are the former: a library that is not there ({@link
 * LinkageError}), an {@link AssertionError}, a recursion without end. A {@link VirtualMachineError}
 * other than {@link StackOverflowError} says that the virtual machine has run out of memory or is
 * broken; nobody may go on as if it had not been thrown.
 */
public final class Fatal {

  private Fatal() {}

  /** Throws {@code thrown} on if it concerns the whole process. */
  public static void rethrow(Throwable thrown) {
    if (thrown instanceof VirtualMachineError fatal && !(thrown instanceof StackOverflowError)) {
      throw fatal;
    }
  }
}
