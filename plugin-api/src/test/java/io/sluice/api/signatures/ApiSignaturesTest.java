package io.sluice.api.signatures;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.api.PluginFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ApiSignaturesTest {
  private static final Path COMMITTED =
      Path.of(System.getProperty("basedir", ".")).resolve("api.txt");

  @Test
  void signaturesAreTheCommittedOnes() throws Exception {
    String actual = ApiSignatures.render(apiClasses());
    if (Boolean.getBoolean("api.update")) {
      Files.writeString(COMMITTED, actual);
    }
    assertThat(actual)
        .as(
            "The API differs from plugin-api/api.txt. If that is meant (the API grows by default"
                + " methods and new types only), run `mvn -pl plugin-api test -Dapi.update=true`,"
                + " read the diff of api.txt and commit it with the change.")
        .isEqualTo(Files.readString(COMMITTED));
  }

  @Test
  void rendersModifiersGenericsNullnessAndExceptions() {
    assertThat(ApiSignatures.render(List.of(Sample.class, Unseen.class)))
        .isEqualTo(
            """
            public interface io.sluice.api.signatures.Sample<T extends java.lang.Number>\
             extends java.lang.Iterable<T>
              public abstract <E extends java.lang.Exception> void fail(java.lang.Class<E>) throws E
              public abstract java.util.Map<java.lang.String, * extends T?> sparse(byte[]?, int...)
              public default boolean ready()
              public static final int LIMIT
              public static java.util.List<*> all()
            """);
  }

  /** Package-private, so not rendered. */
  static final class Unseen {
    private Unseen() {}
  }

  private static List<Class<?>> apiClasses() throws Exception {
    URI location = PluginFactory.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    Path root = Path.of(location);
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(ApiSignaturesTest::isClassFile).toList()) {
        classes.add(load(root.relativize(file)));
      }
    }
    assertThat(classes).hasSizeGreaterThan(50);
    return classes;
  }

  private static boolean isClassFile(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(".class") && !name.equals("package-info.class");
  }

  private static Class<?> load(Path relative) throws IOException, ClassNotFoundException {
    String name = relative.toString().replace(relative.getFileSystem().getSeparator(), ".");
    return Class.forName(
        name.substring(0, name.length() - ".class".length()),
        false,
        PluginFactory.class.getClassLoader());
  }
}
