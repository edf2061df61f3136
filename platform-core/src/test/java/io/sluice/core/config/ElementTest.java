package io.sluice.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.junit.jupiter.api.Test;

class ElementTest {

  @Test
  void tellsTextsListsAndBlocksApart() {
    LocatedSection root = Loaded.of("a = off\nb = [x, { y = 1 }]\nc { z = 2 }").root();
    Element text = root.element("a").required();
    assertThat(List.of(text.isText(), text.isList(), text.isSection()))
        .containsExactly(true, false, false);
    assertThat(text.text()).isEqualTo("off");
    Element list = root.element("b").required();
    assertThat(List.of(list.isText(), list.isList(), list.isSection()))
        .containsExactly(false, true, false);
    assertThat(list.elements()).extracting(Element::path).containsExactly("b[0]", "b[1]");
    assertThat(list.elements().get(1).section().string("y").required()).isEqualTo("1");
    Element block = root.element("c").required();
    assertThat(block.isSection()).isTrue();
    assertThat(block.location()).isEqualTo("/etc/sluice/test.conf:3");
    assertThat(block.section().string("z").required()).isEqualTo("2");
  }

  @Test
  void aBareNameIsConfiguredByAnEmptyBlockAtItsPlace() {
    Loaded loaded = Loaded.of("\nchain = [\n  cors\n]");
    Element cors = loaded.root().elements("chain").required().get(0);
    LocatedSection empty = cors.section();
    assertThat(empty.keys()).isEmpty();
    empty.string("needed").required();
    assertThat(loaded.rendered())
        .containsExactly("3: chain[0].needed: is missing (expected: a text)");
  }

  @Test
  void aSingleValueStandsForAListOfOne() {
    LocatedSection root = Loaded.of("a = x, b { c = 1 }, d = []").root();
    assertThat(root.elements("a").required()).extracting(Element::text).containsExactly("x");
    assertThat(root.elements("b").required()).extracting(Element::isSection).containsExactly(true);
    assertThat(root.elements("d").required()).isEmpty();
  }

  @Test
  void unreadKeysOfMembersAreReported() {
    Loaded loaded = Loaded.of("a = [{ x = 1, y = 2 }]");
    loaded.root().elements("a").required().get(0).section().string("x").required();
    loaded.root().reportUnread();
    assertThat(loaded.rendered()).containsExactly("1: a[0].y: unknown key (expected: x)");
  }

  @Test
  void aBlockThatNobodyLooksIntoIsUnread() {
    Loaded loaded = Loaded.of("a = [{ x = 1 }], b { y = 1 }");
    assertThat(loaded.root().elements("a").required()).hasSize(1);
    assertThat(loaded.root().element("b").required().isSection()).isTrue();
    loaded.root().reportUnread();
    assertThat(loaded.rendered()).containsExactly("1: a[0].x: unknown key", "1: b.y: unknown key");
  }

  @Test
  void aBlockThatIsRefusedAsAWholeIsOneProblem() {
    Loaded loaded = Loaded.of("a { x = 1 }, b { y = 1 }, c { z = 1 }");
    loaded.root().element("a").required().problem("is not available", "");
    loaded.root().problem("b", "has no effect", "");
    assertThat(loaded.root().element("b").required().isSection()).isTrue();
    loaded.root().problem("c", "has no effect", "");
    loaded.root().reportUnread();
    assertThat(loaded.rendered())
        .containsExactly("1: a: is not available", "1: b: has no effect", "1: c: has no effect");
  }

  @Test
  void reportsProblemsAtItsOwnPlace() {
    Loaded loaded = Loaded.of("a = [\n  x\n  cros\n]");
    List<Element> members = loaded.root().elements("a").required();
    members.get(0).problem("is not welcome", "something else");
    members.get(1).unknown("unknown middleware \"cros\"", List.of("cors", "limit"));
    assertThat(loaded.rendered())
        .containsExactly(
            "2: a[0]: is not welcome (expected: something else)",
            "3: a[1]: unknown middleware \"cros\" (did you mean \"cors\"?)");
  }

  @Test
  void membersOfOptionalReferencesAreSimplyAbsent() {
    Loaded loaded = Loaded.of("a = [${?NO}, x, ${?NO}]");
    assertThat(loaded.root().elements("a").required())
        .extracting(Element::path, Element::text)
        .containsExactly(tuple("a[0]", "x"));
  }

  @Test
  void thePlaceholderIsNothing() {
    Loaded loaded = Loaded.of("");
    Element placeholder = loaded.root().element("a").required();
    assertThat(List.of(placeholder.isText(), placeholder.isList(), placeholder.isSection()))
        .containsExactly(false, false, false);
    assertThat(placeholder.text()).isEmpty();
    assertThat(placeholder.elements()).isEmpty();
    assertThat(loaded.rendered())
        .containsExactly("1: a: is missing (expected: a text, a list or a block)");
  }
}
