package io.sluice.distribution.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Where operating-system signals come from. */
@FunctionalInterface
interface Signals {

  /**
   * Runs {@code action} at each signal {@code name}, such as {@code TERM}, on a thread of the
   * JVM's.
   *
   * @return whether this JVM and system can; without, the signal does what the JVM does by default
   */
  boolean on(String name, Runnable action);

  /** The signals of this process. Reached by name, so that a JVM without them still starts. */
  static Signals ofProcess() {
    return (name, action) -> {
      try {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object proxy =
            Proxy.newProxyInstance(
                Signals.class.getClassLoader(),
                new Class<?>[] {handler},
                (self, method, arguments) -> {
                  if (method.getDeclaringClass() == Object.class) {
                    return method.getName().equals("equals")
                        ? (Object) (self == arguments[0])
                        : method.getName().equals("hashCode") ? (Object) 1 : "on " + name;
                  }
                  action.run();
                  return null;
                });
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        return true;
      } catch (ClassNotFoundException
          | NoSuchMethodException
          | InstantiationException
          | IllegalAccessException
          | InvocationTargetException e) {
        return false;
      }
    };
  }
}
