package io.sluice.core.config;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.config.ConfigValue;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A block of a configuration that was loaded. */
final class Block extends TypedReads {
  private final Source source;
  private final String path;
  private final Node.Block node;
  private final boolean secret;
  private final Reads reads;
  private final Map<String, Block> children = new LinkedHashMap<>();
  private final Set<String> excused = new HashSet<>();
  private final List<Block> laidOver = new ArrayList<>();
  private boolean unreadAllowed;

  Block(Source source, String path, Node.Block node, boolean secret) {
    this.source = source;
    this.path = path;
    this.node = node;
    this.secret = secret;
    this.reads = new Reads(node.members().keySet());
  }

  Source source() {
    return source;
  }

  // ---- where it stands

  @Override
  public String path() {
    return path;
  }

  @Override
  public String location() {
    return node.place().toString();
  }

  @Override
  public boolean has(String key) {
    return node.members().containsKey(key);
  }

  @Override
  public Set<String> keys() {
    return Collections.unmodifiableSet(node.members().keySet());
  }

  // ---- reads

  @Override
  <T> ConfigValue<T> read(String key, KeyKind<T> kind) {
    String expected = kind.phrase();
    return new Read<>(
        new Key(key), at -> kind.parser().parse(text(at, expected)), expected, kind.placeholder());
  }

  @Override
  public ConfigValue<Path> file(String key) {
    return new Read<>(
        new Key(key), at -> file(text(at, "a file"), at.place()), "a file", Path.of(""));
  }

  private Path file(String text, Place place) throws Refused {
    try {
      return source.resolve(place, text);
    } catch (InvalidPathException e) {
      throw Refused.expecting("{} cannot be the name of a file", "a file");
    }
  }

  @Override
  public ConfigValue<List<String>> strings(String key) {
    return new Read<>(new Key(key), at -> texts(key, at), "a list of texts", List.of());
  }

  private List<String> texts(String key, Node at) throws Refused {
    if (!(at instanceof Node.Items items)) {
      return List.of(text(at, "a list of texts"));
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < items.items().size(); i++) {
      Node item = items.items().get(i);
      try {
        texts.add(text(item, "a text"));
      } catch (Refused refused) {
        source.refuse(Paths.item(child(key), i), item, isSecret(key), refused);
      }
    }
    return good(items, texts);
  }

  @Override
  public ConfigValue<ConfigSection> section(String key) {
    return new Read<>(
        new Key(key), at -> section(child(key), at, isSecret(key)), "a block", empty(key));
  }

  private ConfigSection section(String childPath, Node at, boolean secret) throws Refused {
    if (at instanceof Node.Block block) {
      return child(childPath, block, secret);
    }
    throw wrongNotation(at, "a block, { … }");
  }

  @Override
  public ConfigValue<List<ConfigSection>> sections(String key) {
    return new Read<>(new Key(key), at -> sections(key, at), "a list of blocks", List.of());
  }

  private List<ConfigSection> sections(String key, Node at) throws Refused {
    if (!(at instanceof Node.Items items)) {
      throw wrongNotation(at, "a list of blocks, [ { … } ]");
    }
    List<ConfigSection> sections = new ArrayList<>();
    for (int i = 0; i < items.items().size(); i++) {
      String itemPath = Paths.item(child(key), i);
      Node item = items.items().get(i);
      try {
        sections.add(section(itemPath, item, isSecret(key)));
      } catch (Refused refused) {
        source.refuse(itemPath, item, isSecret(key), refused);
      }
    }
    return good(items, sections);
  }

  /** The good ones, so that their problems are found in the same pass. */
  private static <T> List<T> good(Node.Items items, List<T> read) throws Refused {
    if (read.isEmpty() && !items.items().isEmpty()) {
      throw Refused.reported();
    }
    return List.copyOf(read);
  }

  @Override
  public ConfigValue<Map<String, String>> entries() {
    Set<String> keys = reads.askForRest();
    return new Read<>(new Whole(), at -> readEntries(keys), "texts", Map.of());
  }

  private Map<String, String> readEntries(Set<String> keys) {
    Map<String, String> entries = new LinkedHashMap<>();
    for (String key : keys) {
      Node at = member(key);
      try {
        entries.put(key, text(at, "a text; a key that contains dots stands in quotes"));
      } catch (Refused refused) {
        source.refuse(child(key), at, isSecret(key), refused);
      }
    }
    return Collections.unmodifiableMap(entries);
  }

  @Override
  public ConfigValue<Map<String, ConfigSection>> named() {
    reads.askForAll();
    return new Read<>(new Whole(), at -> readNamed(), "blocks", Map.of());
  }

  private Map<String, ConfigSection> readNamed() {
    Map<String, ConfigSection> named = new LinkedHashMap<>();
    node.members()
        .forEach(
            (key, at) -> {
              try {
                named.put(key, section(child(key), at, isSecret(key)));
              } catch (Refused refused) {
                source.refuse(child(key), at, isSecret(key), refused);
              }
            });
    return Collections.unmodifiableMap(named);
  }

  @Override
  public ConfigValue<Element> element(String key) {
    Element placeholder = new NodeElement(this, child(key), null, node.place(), isSecret(key));
    return new Read<>(
        new Key(key),
        at -> element(child(key), at, isSecret(key)),
        "a text, a list or a block",
        placeholder);
  }

  @Override
  public ConfigValue<List<Element>> elements(String key) {
    return new Read<>(
        new Key(key), at -> elements(child(key), at, isSecret(key)), "a list", List.of());
  }

  private Element element(String elementPath, Node at, boolean secret) throws Refused {
    if (at.isUnresolved()) {
      throw Refused.reported();
    }
    return new NodeElement(this, elementPath, at, at.place(), secret);
  }

  private List<Element> elements(String listPath, Node at, boolean secret) throws Refused {
    return at instanceof Node.Items items
        ? elements(listPath, items, secret)
        : List.of(element(listPath, at, secret));
  }

  /** The members, without those that stand for a substitution already reported. */
  List<Element> elements(String listPath, Node.Items items, boolean secret) {
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < items.items().size(); i++) {
      Node item = items.items().get(i);
      if (!item.isUnresolved()) {
        elements.add(new NodeElement(this, Paths.item(listPath, i), item, item.place(), secret));
      }
    }
    return List.copyOf(elements);
  }

  private static String text(Node at, String expected) throws Refused {
    if (at instanceof Node.Text text) {
      if (text.isUnresolved()) {
        throw Refused.reported();
      }
      return text.text();
    }
    throw wrongNotation(at, expected);
  }

  private static Refused wrongNotation(Node at, String expected) {
    return at.isUnresolved() ? Refused.reported() : Refused.expecting("is " + at.noun(), expected);
  }

  @Override
  public LocatedSection empty(String key) {
    return new Block(source, child(key), new Node.Block(Map.of(), node.place()), isSecret(key));
  }

  /** The one section for the block at {@code childPath}, so that reads of it add up. */
  Block child(String childPath, Node.Block block, boolean secret) {
    return children.computeIfAbsent(childPath, p -> new Block(source, p, block, secret));
  }

  // ---- problems

  @Override
  public void problem(String key, String problem, String expected) {
    excuse(key);
    report(key, problem, Problem.expected(expected));
  }

  @Override
  public void unknown(String key, String problem, Collection<String> known) {
    excuse(key);
    report(key, problem, Suggestions.forQuoted(problem, known));
  }

  /** One problem is enough for a key: what nobody reads below it then follows from that one. */
  private void excuse(String key) {
    if (!key.isEmpty()) {
      reads.excuse(key);
      excused.add(child(key));
    }
  }

  private void report(String key, String problem, String hint) {
    if (key.isEmpty()) {
      source.report(path, node.place(), problem, hint);
    } else {
      Node at = node.members().get(key);
      source.report(child(key), at == null ? node.place() : at.place(), problem, hint);
    }
  }

  @Override
  public LocatedSection over(LocatedSection below) {
    if (!(below instanceof Block other)) {
      throw new IllegalArgumentException("not a section of a file: " + below.getClass().getName());
    }
    unreadAllowed = true;
    other.node.members().forEach((key, at) -> source.writtenAt(at, other.child(key)));
    Block both = new Block(source, path, merged(node, other.node), secret || other.secret);
    laidOver.add(both);
    return both;
  }

  private static Node.Block merged(Node.Block above, Node.Block below) {
    Map<String, Node> members = new LinkedHashMap<>(below.members());
    above
        .members()
        .forEach(
            (key, own) ->
                members.merge(
                    key,
                    own,
                    (low, high) ->
                        low instanceof Node.Block lower && high instanceof Node.Block upper
                            ? merged(upper, lower)
                            : high));
    return new Node.Block(members, above.place());
  }

  @Override
  public void reportUnread() {
    laidOver.forEach(Block::reportUnread);
    if (!unreadAllowed) {
      reads.reportUnread(source, this::report);
      children.values().stream()
          .filter(child -> !excused.contains(child.path))
          .forEach(Block::reportUnread);
    }
  }

  @Override
  public void ignoreUnread() {
    unreadAllowed = true;
  }

  // ---- the block as a whole

  @Override
  public String canonical() {
    return Rendering.canonical(node);
  }

  @Override
  public String effective() {
    return Rendering.json(node, secret);
  }

  private Node member(String key) {
    Node at = node.members().get(key);
    if (at == null) {
      throw new IllegalStateException("no member " + key);
    }
    return at;
  }

  private String child(String key) {
    Node at = node.members().get(key);
    String here = Paths.child(path, key);
    return at == null ? here : source.pathOf(at, here);
  }

  private boolean isSecret(String key) {
    return secret || Secrets.isSecret(key);
  }

  /** One key of this block. */
  private final class Key implements Read.Subject {
    private final String key;

    Key(String key) {
      this.key = key;
      reads.ask(key);
    }

    @Override
    public @Nullable Node node() {
      return node.members().get(key);
    }

    @Override
    public void refused(Refused refused) {
      source.refuse(child(key), member(key), isSecret(key), refused);
    }

    @Override
    public void missing(String expected) {
      Place place = node.place();
      String hint = Problem.expected(expected);
      Problem problem = new Problem(place.file(), place.line(), child(key), "is missing", hint);
      reads.missing(key, problem);
      source.problems().add(problem);
    }
  }

  /** This block itself. */
  private final class Whole implements Read.Subject {
    @Override
    public Node node() {
      return node;
    }

    @Override
    public void refused(Refused refused) {
      source.refuse(path, node, secret, refused);
    }

    @Override
    public void missing(String expected) {
      throw new IllegalStateException("a block is never missing from itself");
    }
  }
}
