package io.sluice.core.plugin;

import io.sluice.api.PluginFactory;
import io.sluice.api.config.ConfigSection;
import io.sluice.core.config.LocatedSection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the instances of one generation and lends each of them a {@code PluginContext}. The hosts
 * of successive generations share their numbering of attributes and their list of instances, so
 * that an instance may be carried over and closed through any of them.
 *
 * <p>{@link #create} is called on the configuration thread, the rest from any thread. Closing runs
 * a plugin's code, which may block: never on an event loop.
 */
public final class PluginHost {

  private static final Logger log = LoggerFactory.getLogger(PluginHost.class);

  private final PluginRegistry registry;
  private final PluginServices services;
  private final SlotNumbers slots;
  private final PluginInstances instances;
  private final Deque<Object> made = new ArrayDeque<>();

  /** In the order of use; on the configuration thread. */
  private final List<RegisteredPlugin> used = new ArrayList<>();

  /** The first host of a process. The caller keeps ownership of the registry and the services. */
  public PluginHost(PluginRegistry registry, PluginServices services) {
    this(registry, services, new SlotNumbers(), new PluginInstances());
  }

  private PluginHost(
      PluginRegistry registry,
      PluginServices services,
      SlotNumbers slots,
      PluginInstances instances) {
    this.registry = registry;
    this.services = services;
    this.slots = slots;
    this.instances = instances;
  }

  /** The host of the next generation. */
  public PluginHost next(PluginRegistry nextRegistry, PluginServices nextServices) {
    return new PluginHost(nextRegistry, nextServices, slots, instances);
  }

  /** What this host makes instances of. */
  public PluginRegistry registry() {
    return registry;
  }

  /**
   * Makes an instance for one block.
   *
   * @param kind the factory interface of the kind wanted
   * @param section the block; its {@code type} is read here, the rest by the plugin
   * @param fallbackType the type when the block does not say, or null to make {@code type} required
   * @param name where the instance stands: {@code middleware.cors}; for logs and meters
   * @return null when there is no such plugin or it failed; the problem is then in {@code section}.
   *     An instance does not mean that the plugin had nothing to complain about
   */
  public <P> @Nullable P create(
      Class<? extends PluginFactory<P>> kind,
      ConfigSection section,
      @Nullable String fallbackType,
      String name) {
    P instance = make(kind, section, fallbackType, name);
    if (instance != null) {
      synchronized (made) {
        made.push(instance);
      }
    }
    return instance;
  }

  /** Makes an instance that its owner closes: {@link #discard} leaves it alone. */
  <P> @Nullable P make(
      Class<? extends PluginFactory<P>> kind,
      ConfigSection section,
      @Nullable String fallbackType,
      String name) {
    RegisteredPlugin plugin = select(PluginKind.of(kind), section, fallbackType);
    if (plugin == null) {
      return null;
    }
    used.add(plugin);
    // Registered under the interface of its kind, so its factory makes what that interface says.
    @SuppressWarnings("unchecked")
    PluginFactory<P> factory = (PluginFactory<P>) kind.cast(plugin.factory());
    PluginScope scope =
        new PluginScope(services, slots, instances, plugin, name, registry.hold(plugin));
    Object[] result = new Object[1];
    try {
      scope.create(this, () -> result[0] = factory.create(section, scope));
    } catch (RuntimeException | LinkageError e) {
      log.error("plugin {} ({} of {}) failed to start", name, plugin.type(), plugin.source(), e);
      scope.close(null);
      fault(section, plugin, "failed to start: " + e);
      return null;
    }
    @SuppressWarnings("unchecked")
    P instance = (P) result[0];
    if (instance == null) {
      scope.close(null);
      fault(section, plugin, "made nothing");
      return null;
    }
    instances.add(instance, scope);
    return instance;
  }

  /** How many times a plugin was used so far, to ask {@link #usedSince} later. */
  public int uses() {
    return used.size();
  }

  /** What instances were made of since {@link #uses} gave that answer, nested ones included. */
  public PluginCode usedSince(int uses) {
    return PluginCode.of(used.subList(uses, used.size()));
  }

  private @Nullable RegisteredPlugin select(
      PluginKind kind, ConfigSection section, @Nullable String fallbackType) {
    var read = section.string("type").describe("which " + kind.words() + " plugin");
    String type;
    if (fallbackType != null) {
      type = read.orElse(fallbackType);
    } else if (section.has("type")) {
      type = read.required();
    } else {
      read.required();
      return null;
    }
    RegisteredPlugin plugin = registry.find(kind, type);
    if (plugin == null) {
      missing(kind, section, type);
    }
    return plugin;
  }

  private void missing(PluginKind kind, ConfigSection section, String type) {
    LocatedSection located = LocatedSection.of(section);
    located.ignoreUnread();
    String key = section.has("type") ? "type" : "";
    String what = "no " + kind.words() + " \"" + type + "\"";
    String refusal = registry.refusal(kind, type);
    List<String> types = registry.types(kind);
    if (refusal != null) {
      section.problem(key, what + ": " + refusal, "");
    } else if (types.isEmpty()) {
      String nothing = ": no " + kind.words() + " plugin is installed";
      section.problem(key, what + nothing, "the jar that offers it in a plugin directory");
    } else if (key.isEmpty()) {
      // The default is not the user's mistake, so no look-alike is offered.
      section.problem("", what, "type = one of " + String.join(", ", types));
    } else {
      located.unknown(key, what, types);
    }
  }

  private static void fault(ConfigSection section, RegisteredPlugin plugin, String what) {
    LocatedSection.of(section).ignoreUnread();
    section.problem(
        section.has("type") ? "type" : "",
        "the "
            + plugin.kind().words()
            + " plugin \""
            + plugin.type()
            + "\" of "
            + plugin.source()
            + " "
            + what,
        "");
  }

  /** How many places for attributes an exchange needs: one more than the highest index in use. */
  public int attributeCount() {
    return slots.attributeCount();
  }

  /** The plugin that made {@code instance}, or null when no host did or it was closed. */
  public @Nullable RegisteredPlugin plugin(Object instance) {
    PluginScope scope = instances.of(instance);
    return scope == null ? null : scope.plugin();
  }

  /**
   * The name that {@code instance} was made under, or null when no host made it or it was closed.
   */
  public @Nullable String name(Object instance) {
    PluginScope scope = instances.of(instance);
    return scope == null ? null : scope.name();
  }

  /**
   * Closes an instance and everything it took: tasks, nested plugins, meters, attributes. Errors
   * are logged. Closing again does nothing.
   */
  public void close(Object instance) {
    instances.close(instance);
  }

  /**
   * Closes whatever this host made and is still open, last made first: for a refused configuration.
   */
  public void discard() {
    while (true) {
      Object instance;
      synchronized (made) {
        instance = made.poll();
      }
      if (instance == null) {
        return;
      }
      close(instance);
    }
  }
}
