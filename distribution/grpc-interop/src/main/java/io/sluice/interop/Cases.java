package io.sluice.interop;

import io.grpc.testing.integration.TestCases;
import io.grpc.testing.integration.TestServiceClient;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Runs interop cases one after the other, each with a client of its own as {@link
 * TestServiceClient#main} does, and prints a line for each: {@code passed CASE} or {@code failed
 * CASE: REASON}.
 *
 * <p>{@code Cases CASE,CASE,… OPTION…}, the options being those of the client.
 */
public final class Cases {

  private Cases() {}

  /** Runs them; ends with status 0 whatever came of them. */
  public static void main(String[] arguments) {
    List<String> options = Arrays.asList(arguments).subList(1, arguments.length);
    for (String name : arguments[0].split(",", -1)) {
      System.out.println(run(TestCases.fromString(name), options));
    }
    System.exit(0); // threads of clients live on
  }

  private static String run(TestCases interop, List<String> options) {
    List<String> all = new ArrayList<>(options);
    all.add("--test_case=" + interop.name().toLowerCase(Locale.ROOT));
    try {
      TestServiceClient client = new TestServiceClient();
      step("parseArgs", String[].class).invoke(client, (Object) all.toArray(new String[0]));
      step("setUp").invoke(client);
      try {
        step("runTest", TestCases.class).invoke(client, interop);
      } finally {
        step("tearDown").invoke(client);
      }
      return "passed " + interop;
    } catch (InvocationTargetException e) {
      return "failed " + interop + ": " + e.getCause();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("another version of the client", e);
    }
  }

  /** Its steps are for its own package; its {@code main} would end the JVM after one case. */
  private static Method step(String name, Class<?>... types) throws NoSuchMethodException {
    Method step = TestServiceClient.class.getDeclaredMethod(name, types);
    step.setAccessible(true);
    return step;
  }
}
