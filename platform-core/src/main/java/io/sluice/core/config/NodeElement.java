package io.sluice.core.config;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An element of a configuration that was loaded, or the placeholder for one that was not. */
final class NodeElement implements Element {
  private final Block owner;
  private final String path;
  private final @Nullable Node node;
  private final Place place;
  private final boolean secret;

  NodeElement(Block owner, String path, @Nullable Node node, Place place, boolean secret) {
    this.owner = owner;
    this.path = path;
    this.node = node;
    this.place = place;
    this.secret = secret;
    if (node instanceof Node.Block block) {
      // At once, so that a block that nobody looks into is found unread.
      owner.child(path, block, secret);
    }
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String location() {
    return place.toString();
  }

  @Override
  public boolean isText() {
    return node instanceof Node.Text;
  }

  @Override
  public boolean isList() {
    return node instanceof Node.Items;
  }

  @Override
  public boolean isSection() {
    return node instanceof Node.Block;
  }

  @Override
  public String text() {
    return node instanceof Node.Text text ? text.text() : "";
  }

  @Override
  public List<Element> elements() {
    return node instanceof Node.Items items ? owner.elements(path, items, secret) : List.of();
  }

  @Override
  public LocatedSection section() {
    Node.Block block =
        node instanceof Node.Block present ? present : new Node.Block(Map.of(), place);
    return owner.child(path, block, secret);
  }

  @Override
  public void problem(String problem, String expected) {
    report(problem, Problem.expected(expected));
  }

  @Override
  public void unknown(String problem, Collection<String> known) {
    report(problem, Suggestions.forQuoted(problem, known));
  }

  private void report(String problem, String hint) {
    owner.source().report(path, place, problem, hint);
    if (isSection()) {
      section().ignoreUnread();
    }
  }
}
