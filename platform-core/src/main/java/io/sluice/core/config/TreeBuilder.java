package io.sluice.core.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns what typesafe-config resolved into nodes with places, in the order of the files. */
final class TreeBuilder {
  /** Stands for a substitution that leads nowhere. A character that no configuration contains. */
  static final String UNRESOLVED = "\uFDD0";

  private static final Pattern DESCRIPTION = Pattern.compile("(.*): ([0-9]+)(?:-[0-9]+)?");
  private static final Pattern JSON_LITERAL =
      Pattern.compile("true|false|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");

  private final Outline outline;
  private final Set<String> files;

  TreeBuilder(Outline outline, Set<String> files) {
    this.outline = outline;
    this.files = files;
  }

  /**
   * @param around the place of what contains this, for values of no place of their own
   */
  Node node(ConfigValue value, String path, Place around) {
    Place place = place(value.origin(), path, around);
    if (value instanceof ConfigObject object) {
      return block(object, object.keySet(), path, place);
    }
    if (value instanceof ConfigList list) {
      List<Node> items = new ArrayList<>();
      for (int i = 0; i < list.size(); i++) {
        items.add(node(list.get(i), Paths.item(path, i), place));
      }
      return new Node.Items(items, place);
    }
    boolean isString = value.valueType() == ConfigValueType.STRING;
    // Unlike unwrapping, this keeps a number as it was written.
    String text = value.atKey("text").getString("text");
    boolean literal = !isString && JSON_LITERAL.matcher(text).matches();
    return new Node.Text(text, place, literal, state(text, path));
  }

  private Node.State state(String text, String path) {
    if (text.contains(UNRESOLVED)) {
      return Node.State.UNRESOLVED;
    }
    return outline.refersToSecret(path) ? Node.State.SECRET : Node.State.PLAIN;
  }

  /** The members named {@code keys}; one that is null counts as absent. */
  Node.Block block(ConfigObject object, Set<String> keys, String path, Place place) {
    List<Map.Entry<String, Node>> members = new ArrayList<>();
    for (String key : keys) {
      ConfigValue value = object.get(key);
      if (value != null && value.valueType() != ConfigValueType.NULL) {
        members.add(Map.entry(key, node(value, Paths.child(path, key), place)));
      }
    }
    members.sort(
        Comparator.<Map.Entry<String, Node>>comparingInt(
                member -> outline.rank(Paths.child(path, member.getKey())))
            .thenComparing(member -> member.getValue().place().file())
            .thenComparingInt(member -> member.getValue().place().line())
            .thenComparing(Map.Entry::getKey));
    Map<String, Node> ordered = new LinkedHashMap<>();
    members.forEach(member -> ordered.put(member.getKey(), member.getValue()));
    return new Node.Block(ordered, place);
  }

  private Place place(ConfigOrigin origin, String path, Place around) {
    Place written = written(origin);
    if (written != null) {
      return written;
    }
    Place outlined = outline.place(path);
    return outlined == null ? around : outlined;
  }

  private @Nullable Place written(ConfigOrigin origin) {
    Matcher matcher = DESCRIPTION.matcher(origin.description());
    return matcher.matches() && files.contains(matcher.group(1))
        ? new Place(matcher.group(1), Integer.parseInt(matcher.group(2)))
        : null;
  }
}
