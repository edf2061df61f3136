package io.sluice.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginRegistryTest {

  private static final ClassLoader BASE = PluginRegistryTest.class.getClassLoader();
  private static final String SERVICE = "io.sluice.api.middleware.MiddlewareFactory";

  private final Path plugins;
  private final List<String> warnings = new ArrayList<>();

  PluginRegistryTest(@TempDir Path plugins) {
    this.plugins = plugins;
  }

  private PluginRegistry discover() {
    return PluginRegistry.discover(List.of(plugins), BASE, warnings::add);
  }

  private static @Nullable RegisteredPlugin middleware(PluginRegistry registry, String type) {
    return registry.find(PluginKind.MIDDLEWARE, type);
  }

  @Test
  void findsJarsAndFoldersButNothingHidden() throws IOException {
    Path jar = PluginJar.middleware("acme.A", "a").write(plugins.resolve("a.jar"));
    Path inFolder = PluginJar.middleware("acme.B", "b").write(plugins.resolve("b/b.jar"));
    Path inLib = PluginJar.middleware("acme.C", "c").write(plugins.resolve("c/lib/c.jar"));
    PluginJar.middleware("acme.D", "d").write(plugins.resolve(".d/d.jar"));
    Files.writeString(plugins.resolve("README.md"), "not a plugin");

    try (PluginRegistry registry = discover()) {
      assertThat(registry.types(PluginKind.MIDDLEWARE)).containsExactly("a", "b", "c");
      assertThat(registry.all())
          .extracting(RegisteredPlugin::source)
          .containsExactly(jar.toString(), inFolder.toString(), inLib.toString());
      assertThat(registry.all())
          .extracting(RegisteredPlugin::apiVersion)
          .containsOnly(io.sluice.api.ApiVersion.CURRENT);
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void missingDirectoryAndEmptyFolderAreWarningsOnly() throws IOException {
    Path empty = Files.createDirectory(plugins.resolve("empty"));
    Path absent = plugins.resolve("absent");

    PluginRegistry.discover(List.of(plugins, absent), BASE, warnings::add).close();

    assertThat(warnings)
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).contains(empty.toString(), "no jar"))
        .anySatisfy(line -> assertThat(line).contains(absent.toString(), "cannot be read"));
  }

  @Test
  void oneBadProviderIsNamedAndDoesNotHideTheOthers() {
    Path jar =
        new PluginJar()
            .source(
                "acme.Good", PluginJar.middlewareSource("acme.Good", "return \"good\";", "", ""))
            .source(
                "acme.Throwing",
                PluginJar.middlewareSource(
                    "acme.Throwing",
                    "return \"throwing\";",
                    "",
                    "public Throwing() { throw new IllegalStateException(\"no luck\"); }"))
            .source(
                "acme.Hidden",
                PluginJar.middlewareSource(
                    "acme.Hidden", "return \"hidden\";", "", "private Hidden() {}"))
            .source("acme.Parent", "package acme; public class Parent {}")
            .source(
                "acme.Orphan",
                PluginJar.middlewareSource("acme.Orphan", "return \"orphan\";", "", "")
                    .replace("class Orphan", "class Orphan extends Parent"))
            .omit("acme.Parent")
            .source("acme.Stranger", "package acme; public class Stranger {}")
            .source(
                "acme.Badly",
                PluginJar.middlewareSource("acme.Badly", "return \"Badly Named\";", "", ""))
            .source(
                "acme.Typeless",
                PluginJar.middlewareSource(
                    "acme.Typeless", "throw new RuntimeException(\"cannot say\");", "", ""))
            .service(SERVICE, "acme.Absent")
            .service(SERVICE, "acme.Throwing")
            .service(SERVICE, "acme.Hidden")
            .service(SERVICE, "acme.Orphan")
            .service(SERVICE, "acme.Stranger")
            .service(SERVICE, "acme.Badly")
            .service(SERVICE, "acme.Typeless")
            .service(SERVICE, "acme.Good")
            .write(plugins.resolve("acme/acme.jar"));

    try (PluginRegistry registry = discover()) {
      assertThat(registry.types(PluginKind.MIDDLEWARE)).containsExactly("good");
      String where = jar + ": acme.";
      assertThat(registry.refused())
          .containsExactly(
              where + "Absent (middleware): there is no such class",
              where + "Badly (middleware): its type \"Badly Named\" is not kebab-case",
              where + "Hidden (middleware): it has no public constructor without arguments",
              where + "Orphan (middleware): a class that it needs is missing: acme/Parent",
              where
                  + "Stranger (middleware): it does not implement "
                  + "io.sluice.api.middleware.MiddlewareFactory",
              where
                  + "Throwing (middleware): its constructor failed: "
                  + "java.lang.IllegalStateException: no luck",
              where + "Typeless (middleware): it failed: java.lang.RuntimeException: cannot say");
      assertThat(warnings).containsExactlyElementsOf(registry.refused());
    }
  }

  @Test
  void refusesOtherApiVersionsByName() {
    Path later =
        PluginJar.middleware("acme.Later", "later")
            .apiVersion("1.99")
            .write(plugins.resolve("later.jar"));
    Path older =
        PluginJar.middleware("acme.Older", "older")
            .apiVersion("0.9")
            .write(plugins.resolve("older/older.jar"));
    Path asserts =
        new PluginJar()
            .source(
                "acme.Says",
                PluginJar.middlewareSource(
                    "acme.Says",
                    "return \"says\";",
                    "",
                    "public String apiVersion() { return \"2.0\"; }"))
            .service(SERVICE, "acme.Says")
            .write(plugins.resolve("says.jar"));
    PluginJar.middleware("acme.Same", "same").apiVersion("1.0").write(plugins.resolve("same.jar"));

    try (PluginRegistry registry = discover()) {
      assertThat(registry.types(PluginKind.MIDDLEWARE)).containsExactly("same");
      assertThat(registry.refused())
          .containsExactly(
              later + ": acme.Later (middleware): it was built for plugin API 1.99, this is 1.0",
              older + ": acme.Older (middleware): it was built for plugin API 0.9, this is 1.0",
              asserts + ": acme.Says (middleware): it was built for plugin API 2.0, this is 1.0");
    }
  }

  @Test
  void aPluginForALaterApiIsNamedAsSuchThoughItsClassesDoNotLink() {
    Path jar =
        PluginJar.middleware("acme.Later", "later")
            .source("io.sluice.api.Future", "package io.sluice.api; public class Future {}")
            .source(
                "acme.Uses",
                PluginJar.middlewareSource("acme.Uses", "return \"uses\";", "", "")
                    .replace("class Uses", "class Uses extends io.sluice.api.Future"))
            .service(SERVICE, "acme.Uses")
            .omit("io.sluice.api.Future")
            .apiVersion("2.3")
            .write(plugins.resolve("later/later.jar"));

    try (PluginRegistry registry = discover()) {
      assertThat(registry.refused())
          .containsExactly(
              jar + ": acme.Later (middleware): it was built for plugin API 2.3, this is 1.0",
              jar + ": acme.Uses (middleware): it was built for plugin API 2.3, this is 1.0");
    }
  }

  @Test
  void refusesBothOfTwoThatOfferOneType() {
    Path one = PluginJar.middleware("acme.One", "same").write(plugins.resolve("one.jar"));
    Path two = PluginJar.middleware("acme.Two", "same").write(plugins.resolve("two/two.jar"));

    try (PluginRegistry registry = discover()) {
      assertThat(middleware(registry, "same")).isNull();
      assertThat(registry.refused())
          .containsExactly(
              one + ": acme.One (middleware): its type \"same\" is offered by " + two + " too",
              two + ": acme.Two (middleware): its type \"same\" is offered by " + one + " too");
    }
  }

  @Test
  void aJarOnTheClassPathAlreadyIsFoundOnce() throws IOException {
    Path jar = PluginJar.middleware("acme.A", "a").write(plugins.resolve("a.jar"));
    try (URLClassLoader base = new URLClassLoader(new URL[] {jar.toUri().toURL()}, BASE);
        PluginRegistry registry = PluginRegistry.discover(List.of(plugins), base, warnings::add)) {
      RegisteredPlugin plugin = middleware(registry, "a");
      assertThat(plugin).isNotNull();
      assertThat(plugin.factory().getClass().getClassLoader()).isSameAs(base);
      assertThat(warnings).isEmpty();

      PluginJar.middleware("acme.A", "a").resource("new", "content").write(jar);
      registry.refresh(List.of(plugins), warnings::add).close();
      assertThat(warnings).singleElement().asString().contains(jar.toString(), "next start");
    }
  }

  @Test
  void aFolderSeesTheApiAndItsOwnLibrariesOnly() throws Exception {
    Path library =
        new PluginJar()
            .source(
                "io.netty.util.Version",
                "package io.netty.util; public class Version { public static String text() {"
                    + " return \"the folder's own\"; } }")
            .resource("io/netty/own.txt", "own")
            .write(plugins.resolve("acme/netty.jar"));
    new PluginJar()
        .source(
            "acme.A",
            PluginJar.middlewareSource("acme.A", "return io.netty.util.Version.text();", "", "")
                .replace("return io", "return \"t\" + io")
                .replace(".text();", ".text().length();"))
        .service(SERVICE, "acme.A")
        .write(plugins.resolve("acme/acme.jar"), library);

    try (PluginRegistry registry = discover()) {
      RegisteredPlugin plugin = registry.all().get(0);
      assertThat(plugin.type()).isEqualTo("t16");
      ClassLoader loader = plugin.factory().getClass().getClassLoader();
      assertThat(loader).isNotSameAs(BASE);
      assertThat(loader.loadClass(SERVICE)).isSameAs(PluginKind.MIDDLEWARE.factory());
      assertThat(loader.loadClass("org.slf4j.Logger")).isSameAs(org.slf4j.Logger.class);
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> loader.loadClass("com.typesafe.config.Config")))
          .isInstanceOf(ClassNotFoundException.class);
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> loader.loadClass(PluginRegistry.class.getName())))
          .isInstanceOf(ClassNotFoundException.class);
      assertThat(loader.getResource("io/netty/own.txt")).isNotNull();
      assertThat(loader.getResource("reference.conf")).isNull();
      assertThat(loader.getResource("io/sluice/api/PluginFactory.class")).isNotNull();
    }
  }

  @Test
  void twoFoldersHoldOneClassInTwoVersions() {
    for (String version : List.of("1", "2")) {
      Path library =
          new PluginJar()
              .source(
                  "lib.Version",
                  "package lib; public class Version { public static String text() { return \""
                      + version
                      + "\"; } }")
              .write(plugins.resolve("v" + version + "/lib/lib.jar"));
      new PluginJar()
          .source(
              "acme.A",
              PluginJar.middlewareSource(
                  "acme.A", "return \"version-\" + lib.Version.text();", "", ""))
          .service(SERVICE, "acme.A")
          .write(plugins.resolve("v" + version + "/acme.jar"), library);
    }

    try (PluginRegistry registry = discover()) {
      assertThat(registry.types(PluginKind.MIDDLEWARE)).containsExactly("version-1", "version-2");
    }
  }

  @Test
  void reloadKeepsUnchangedLoadersAndRenewsChangedOnes() throws Exception {
    Path kept = PluginJar.middleware("acme.Kept", "kept").write(plugins.resolve("kept/kept.jar"));
    Path changed = plugins.resolve("changed/changed.jar");
    PluginJar.middleware("acme.Changed", "before").write(changed);
    PluginRegistry first = discover();
    Files.setLastModifiedTime(kept, java.nio.file.attribute.FileTime.fromMillis(0));
    PluginJar.middleware("acme.Changed", "after").write(changed);
    PluginJar.middleware("acme.New", "new").write(plugins.resolve("new.jar"));

    PluginRegistry second = first.refresh(List.of(plugins), warnings::add);

    assertThat(second.types(PluginKind.MIDDLEWARE)).containsExactly("after", "kept", "new");
    assertThat(first.types(PluginKind.MIDDLEWARE)).containsExactly("before", "kept");
    assertThat(middleware(second, "kept")).isSameAs(middleware(first, "kept"));
    RegisteredPlugin before = middleware(first, "before");
    RegisteredPlugin after = middleware(second, "after");
    assertThat(before).isNotNull();
    assertThat(after).isNotNull();
    assertThat(after.contentId()).isNotEqualTo(before.contentId());
    // Overwritten in place, the old jar still serves the generation that runs on it.
    ClassLoader old = before.factory().getClass().getClassLoader();
    assertThat(old.loadClass("acme.Changed$1")).isNotNull();
    first.close();
    RegisteredPlugin still = middleware(second, "kept");
    assertThat(still).isNotNull();
    assertThat(still.factory().getClass().getClassLoader().loadClass("acme.Kept$1")).isNotNull();
    second.close();
    assertThat(warnings).isEmpty();
  }

  @Test
  void anOldLoaderIsCollectableWhenItsLastRegistryClosed() {
    List<WeakReference<ClassLoader>> old = new ArrayList<>();

    PluginRegistry third = replaceAcme(old);

    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(old.get(0).get()).isNull();
            });
    assertThat(third.all().get(0).type()).isEqualTo("after");
    third.close();
  }

  /** In a frame of its own, so that no local variable keeps the old loader. */
  private PluginRegistry replaceAcme(List<WeakReference<ClassLoader>> old) {
    Path jar = plugins.resolve("acme/acme.jar");
    PluginJar.middleware("acme.A", "before").write(jar);
    PluginRegistry first = discover();
    old.add(new WeakReference<>(first.all().get(0).factory().getClass().getClassLoader()));
    PluginRegistry second = first.refresh(List.of(plugins), warnings::add);
    PluginJar.middleware("acme.A", "after").write(jar);
    PluginRegistry third = second.refresh(List.of(plugins), warnings::add);

    first.close();
    assertThat(second.all().get(0).type()).isEqualTo("before");
    assertThat(loadable(second, "acme.A$1")).isTrue();
    second.close();
    second.close();
    return third;
  }

  private static boolean loadable(PluginRegistry registry, String className) {
    try {
      ClassLoader loader = registry.all().get(0).factory().getClass().getClassLoader();
      return loader.loadClass(className) != null;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  @Test
  void aBrokenJarIsNamedAndTheRestWorks() throws IOException {
    PluginJar.middleware("acme.A", "a").write(plugins.resolve("good/a.jar"));
    Path broken = Files.createDirectory(plugins.resolve("broken")).resolve("broken.jar");
    Files.writeString(broken, "half a jar");

    try (PluginRegistry registry = discover()) {
      assertThat(registry.types(PluginKind.MIDDLEWARE)).containsExactly("a");
      assertThat(warnings).singleElement().asString().contains(broken.toString());
    }
  }
}
