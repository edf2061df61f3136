package io.sluice.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The import rules of ARCHITECTURE.md over every class that is built. */
class ImportRulesTest {
  private static final String CORE = "io.sluice.core.";
  private static final String PLUGIN = "io.sluice.plugin.";

  /** Top floor first; packages of one floor do not import each other. */
  private static final List<Set<String>> FLOORS =
      List.of(
          Set.of("boot"),
          Set.of("admin"),
          Set.of("listener"),
          Set.of("exchange"),
          Set.of("tunnel", "route"),
          Set.of("upstream"),
          Set.of("http"),
          Set.of("transport"),
          Set.of("observe"),
          Set.of("plugin"),
          Set.of("config"));

  /** For tests, so they may know the core. */
  private static final Set<String> TEST_MODULES = Set.of("testkit", "leakguard");

  private static final JavaClasses BUILT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.sluice");

  @Test
  void apiImportsOnlyTheJdkJspecifyAndSlf4j() {
    classes()
        .that()
        .resideInAPackage("io.sluice.api..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.sluice.api..",
            "java..",
            "javax.naming..", // of the JDK, like the next
            "javax.security.auth..",
            "org.jspecify..",
            "org.slf4j..")
        .check(BUILT);
  }

  @Test
  void pluginsImportNeitherTheCoreNorEachOther() {
    for (String plugin : children(PLUGIN)) {
      if (!TEST_MODULES.contains(plugin)) {
        noClasses()
            .that()
            .resideInAPackage(PLUGIN + plugin + "..")
            .should()
            .dependOnClassesThat(
                resideInAPackage("io.sluice..")
                    .and(
                        JavaClass.Predicates.resideOutsideOfPackages(
                            "io.sluice.api..", PLUGIN + plugin + "..")))
            .check(BUILT);
      }
    }
  }

  @Test
  void coreDoesNotKnowAnyPlugin() {
    noClasses()
        .that()
        .resideInAnyPackage("io.sluice.core..", "io.sluice.api..")
        .should()
        .dependOnClassesThat(resideInAPackage("io.sluice.plugin.."))
        .check(BUILT);
  }

  @Test
  void everyCorePackageHasAFloor() {
    Set<String> known = FLOORS.stream().flatMap(Set::stream).collect(Collectors.toSet());

    assertThat(known).containsAll(children(CORE));
  }

  @ParameterizedTest
  @MethodSource("corePackages")
  void corePackageImportsOnlyFloorsBelow(String name) {
    List<String> allowed = new ArrayList<>(List.of(CORE + name + ".."));
    FLOORS.stream()
        .skip(floorOf(name) + 1L)
        .flatMap(Set::stream)
        .forEach(below -> allowed.add(CORE + below + ".."));
    allowed.add("io.sluice.api..");

    noClasses()
        .that()
        .resideInAPackage(CORE + name + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.sluice..")
                .and(JavaClass.Predicates.resideOutsideOfPackages(allowed.toArray(String[]::new))))
        .check(BUILT);
  }

  @Test
  void noPackageOfTheCoreOrOfAPluginIsPartOfACycle() {
    slices().matching("io.sluice.core.(**)").should().beFreeOfCycles().check(BUILT);
    slices().matching("io.sluice.plugin.(**)").should().beFreeOfCycles().check(BUILT);
    slices().matching("io.sluice.api.(**)").should().beFreeOfCycles().check(BUILT);
  }

  static Set<String> corePackages() {
    return children(CORE);
  }

  private static int floorOf(String name) {
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      if (FLOORS.get(floor).contains(name)) {
        return floor;
      }
    }
    throw new AssertionError("io.sluice.core." + name + " is on no floor of ARCHITECTURE.md");
  }

  /** The names right below {@code parent} that hold classes. */
  private static Set<String> children(String parent) {
    Set<String> names = new TreeSet<>();
    for (JavaClass built : BUILT) {
      if (built.getPackageName().startsWith(parent)) {
        names.add(built.getPackageName().substring(parent.length()).split("\\.", 2)[0]);
      }
    }
    assertThat(names).as("packages under %s", parent).isNotEmpty();
    return names;
  }
}
