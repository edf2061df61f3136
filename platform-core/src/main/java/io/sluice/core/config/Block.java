package io.sluice.core.config;

import io.sluice.api.config.ConfigSection;
import io.sluice.api.config.ConfigValue;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A block of a configuration that was loaded. */
final class Block extends TypedReads {
  private static final int MAX_LISTED = 16;

  private final Source source;
  private final String path;
  private final Node.Block node;
  private final boolean secret;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Set<String> entryKeys = new LinkedHashSet<>();
  private final Map<String, Block> children = new LinkedHashMap<>();
  private final Map<String, Problem> missing = new LinkedHashMap<>();
  private boolean unreadAllowed;

  Block(Source source, String path, Node.Block node, boolean secret) {
    this.source = source;
    this.path = path;
    this.node = node;
    this.secret = secret;
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
        refuse(Paths.item(child(key), i), item, isSecret(key), refused);
      }
    }
    return allOf(items, texts);
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
        refuse(itemPath, item, isSecret(key), refused);
      }
    }
    return allOf(items, sections);
  }

  private static <T> List<T> allOf(Node.Items items, List<T> read) throws Refused {
    if (read.size() < items.items().size()) {
      throw Refused.reported();
    }
    return List.copyOf(read);
  }

  @Override
  public ConfigValue<Map<String, String>> entries() {
    node.members().keySet().stream().filter(key -> !asked.contains(key)).forEach(entryKeys::add);
    asked.addAll(entryKeys);
    return new Read<>(new Whole(), at -> readEntries(), "texts", Map.of());
  }

  private Map<String, String> readEntries() {
    Map<String, String> entries = new LinkedHashMap<>();
    for (String key : entryKeys) {
      Node at = member(key);
      try {
        entries.put(key, text(at, "a text; a key that contains dots stands in quotes"));
      } catch (Refused refused) {
        refuse(child(key), at, isSecret(key), refused);
      }
    }
    return Collections.unmodifiableMap(entries);
  }

  @Override
  public ConfigValue<Map<String, ConfigSection>> named() {
    asked.addAll(node.members().keySet());
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
                refuse(child(key), at, isSecret(key), refused);
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
    report(key, problem, Problem.expected(expected));
  }

  @Override
  public void unknown(String key, String problem, Collection<String> known) {
    report(key, problem, suggestion(problem, known));
  }

  private void report(String key, String problem, String hint) {
    if (key.isEmpty()) {
      report(path, node.place(), problem, hint);
    } else {
      Node at = node.members().get(key);
      report(child(key), at == null ? node.place() : at.place(), problem, hint);
    }
  }

  void report(String at, Place place, String problem, String hint) {
    source.problems().add(new Problem(place.file(), place.line(), at, problem, hint));
  }

  private void refuse(String at, Node value, boolean isSecret, Refused refused) {
    if (refused.isReported()) {
      return;
    }
    String problem;
    if (isSecret || (value instanceof Node.Text text && text.state() == Node.State.SECRET)) {
      problem = refused.problemWithSecret();
    } else {
      String shown = value instanceof Node.Text text ? Secrets.shown(text.text()) : "the value";
      problem = refused.problem(shown);
    }
    report(at, value.place(), problem, refused.hint());
  }

  /** The hint for a name that is not among the known ones; {@code problem} ends with it, quoted. */
  static String suggestion(String problem, Collection<String> known) {
    int quote = problem.indexOf('"');
    int end = problem.lastIndexOf('"');
    String closest =
        end > quote ? DidYouMean.closest(problem.substring(quote + 1, end), known) : null;
    return closest != null ? Problem.didYouMean(closest) : oneOf(known);
  }

  private static String oneOf(Collection<String> known) {
    if (known.isEmpty() || known.size() > MAX_LISTED) {
      return "";
    }
    String listed = String.join(", ", known);
    return Problem.expected(known.size() == 1 ? listed : "one of " + listed);
  }

  @Override
  public void reportUnread() {
    if (unreadAllowed) {
      return;
    }
    Set<String> known = new LinkedHashSet<>(asked);
    known.removeAll(entryKeys);
    node.members().keySet().stream()
        .filter(key -> !asked.contains(key))
        .forEach(key -> reportUnread(key, known));
    children.values().forEach(Block::reportUnread);
  }

  private void reportUnread(String key, Set<String> known) {
    Set<String> free = new LinkedHashSet<>(known);
    free.removeAll(node.members().keySet());
    String closest = DidYouMean.closest(key, free);
    if (closest == null) {
      report(key, "unknown key", oneOf(known));
      return;
    }
    Problem shadow = missing.get(closest);
    if (shadow != null) {
      source.problems().remove(shadow);
    }
    report(key, "unknown key", Problem.didYouMean(closest));
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

  // ---- names

  private Node member(String key) {
    Node at = node.members().get(key);
    if (at == null) {
      throw new IllegalStateException("no member " + key);
    }
    return at;
  }

  private String child(String key) {
    return Paths.child(path, key);
  }

  private boolean isSecret(String key) {
    return secret || Secrets.isSecret(key);
  }

  /** One key of this block. */
  private final class Key implements Read.Subject {
    private final String key;

    Key(String key) {
      this.key = key;
      asked.add(key);
    }

    @Override
    public @Nullable Node node() {
      return node.members().get(key);
    }

    @Override
    public void refused(Refused refused) {
      refuse(child(key), member(key), isSecret(key), refused);
    }

    @Override
    public void missing(String expected) {
      Place place = node.place();
      String hint = Problem.expected(expected);
      Problem problem = new Problem(place.file(), place.line(), child(key), "is missing", hint);
      missing.put(key, problem);
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
      refuse(path, node, secret, refused);
    }

    @Override
    public void missing(String expected) {
      throw new IllegalStateException("a block is never missing from itself");
    }
  }
}
