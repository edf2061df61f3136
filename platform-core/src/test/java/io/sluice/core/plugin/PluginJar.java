package io.sluice.core.plugin;

import io.sluice.api.ApiVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Compiles sources into a plugin jar, as a third party would. */
public final class PluginJar {

  private final List<JavaFileObject> sources = new ArrayList<>();
  private final List<String> omitted = new ArrayList<>();
  private final Map<String, String> resources = new LinkedHashMap<>();
  private @Nullable String apiVersion;

  /** A middleware factory of {@code type} that does nothing else. */
  public static PluginJar middleware(String className, String type) {
    return new PluginJar()
        .source(className, middlewareSource(className, "return \"" + type + "\";", "", ""))
        .service("io.sluice.api.middleware.MiddlewareFactory", className);
  }

  /** Source of a middleware factory. */
  static String middlewareSource(
      String className, String typeBody, String createBody, String members) {
    int dot = className.lastIndexOf('.');
    String simple = className.substring(dot + 1);
    return "package "
        + className.substring(0, dot)
        + ";\n"
        + "import io.sluice.api.PluginContext;\n"
        + "import io.sluice.api.config.ConfigSection;\n"
        + "import io.sluice.api.middleware.*;\n"
        + "public class "
        + simple
        + " implements MiddlewareFactory {\n"
        + "  public String type() { "
        + typeBody
        + " }\n"
        + "  public Middleware create(ConfigSection config, PluginContext context) {\n"
        + createBody
        + "\n"
        + "    return new Middleware() {};\n"
        + "  }\n"
        + members
        + "\n"
        + "}\n";
  }

  /** Adds a class. */
  public PluginJar source(String className, String text) {
    sources.add(
        new SimpleJavaFileObject(
            URI.create("mem:///" + className.replace('.', '/') + ".java"),
            JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }
        });
    return this;
  }

  /** Names a provider. */
  public PluginJar service(String service, String className) {
    resources.merge("META-INF/services/" + service, className + "\n", String::concat);
    return this;
  }

  /** Adds a file. */
  public PluginJar resource(String name, String text) {
    resources.put(name, text);
    return this;
  }

  PluginJar apiVersion(String version) {
    apiVersion = version;
    return this;
  }

  /** Compiles the class but leaves it out of the jar. */
  PluginJar omit(String className) {
    omitted.add(className.replace('.', '/') + ".class");
    return this;
  }

  /** Writes the jar, compiled against the tests' class path and {@code libraries}. */
  public Path write(Path jar, Path... libraries) {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (apiVersion != null) {
      manifest.getMainAttributes().putValue(ApiVersion.MANIFEST_ATTRIBUTE, apiVersion);
    }
    try {
      Files.createDirectories(jar.getParent());
      try (OutputStream out = Files.newOutputStream(jar);
          JarOutputStream entries = new JarOutputStream(out, manifest)) {
        for (Map.Entry<String, byte[]> type : compile(libraries).entrySet()) {
          if (!omitted.contains(type.getKey())) {
            entries.putNextEntry(new JarEntry(type.getKey()));
            entries.write(type.getValue());
          }
        }
        for (Map.Entry<String, String> resource : resources.entrySet()) {
          entries.putNextEntry(new JarEntry(resource.getKey()));
          entries.write(resource.getValue().getBytes(StandardCharsets.UTF_8));
        }
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, byte[]> compile(Path... libraries) {
    Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();
    if (!sources.isEmpty()) {
      JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
      StringBuilder classPath = new StringBuilder(System.getProperty("java.class.path"));
      for (Path library : libraries) {
        classPath.insert(0, library + java.io.File.pathSeparator);
      }
      StringWriter messages = new StringWriter();
      List<String> options =
          List.of("-proc:none", "-nowarn", "--release", "17", "-cp", classPath.toString());
      JavaFileManager files = new InMemory(compiler, classes);
      if (!compiler.getTask(messages, files, null, options, null, sources).call()) {
        throw new AssertionError("does not compile: " + messages);
      }
    }
    Map<String, byte[]> result = new LinkedHashMap<>();
    classes.forEach((name, bytes) -> result.put(name, bytes.toByteArray()));
    return result;
  }

  private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {

    private final Map<String, ByteArrayOutputStream> classes;

    InMemory(JavaCompiler compiler, Map<String, ByteArrayOutputStream> classes) {
      super(compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8));
      this.classes = classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location,
        String className,
        JavaFileObject.Kind kind,
        javax.tools.@Nullable FileObject sibling) {
      String name = className.replace('.', '/') + ".class";
      return new SimpleJavaFileObject(URI.create("mem:///" + name), kind) {
        @Override
        public OutputStream openOutputStream() {
          return classes.computeIfAbsent(name, key -> new ByteArrayOutputStream());
        }
      };
    }
  }
}
