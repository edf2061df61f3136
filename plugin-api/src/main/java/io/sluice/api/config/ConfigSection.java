package io.sluice.api.config;

import io.sluice.api.PluginFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One block of the configuration, read key by key. Every read names its key, its type and, through
 * {@link ConfigValue}, whether it is required, its default and its meaning; from the same reads
 * come validation, did-you-mean hints and the configuration reference.
 *
 * <p>Nothing here throws for bad input. A problem is recorded with its file and line, the read
 * answers a placeholder of its type, and the configuration as a whole is refused after everything
 * was read. A key that nobody read is a problem too.
 *
 * <p>Used on the configuration thread only, while {@link PluginFactory#create} runs.
 */
public interface ConfigSection {

  /** What {@link #timeout} answers for {@code off}: no time limit. */
  Duration OFF = Duration.ofNanos(Long.MAX_VALUE);

  /** What {@link #bound} and {@link #sizeBound} answer for {@code unlimited}. */
  long UNLIMITED = Long.MAX_VALUE;

  /** Where this block stands, as the user wrote it: {@code upstreams.users.health-check}. */
  String path();

  /** {@code file:line} of this block, for messages. */
  String location();

  /** Whether the block has {@code key} at all. Does not count as reading it. */
  boolean has(String key);

  /** The keys present, in the order of the file. Does not count as reading them. */
  Set<String> keys();

  /** Text. An empty text is allowed; use {@link ConfigValue#check} to refuse it. */
  ConfigValue<String> string(String key);

  /** {@code on}/{@code off}, {@code true}/{@code false}, {@code yes}/{@code no}. */
  ConfigValue<Boolean> flag(String key);

  /** A whole number from {@code min} to {@code max}, both included. */
  ConfigValue<Long> integer(String key, long min, long max);

  /** A number from {@code min} to {@code max}, both included. */
  ConfigValue<Double> number(String key, double min, double max);

  /** A share such as {@code 20%}, read as 0.2; from 0 % to {@code maxPercent} %. */
  ConfigValue<Double> share(String key, int maxPercent);

  /** A time with a unit: {@code 250ms}, {@code 1 minute}, {@code 1h30m}. Never negative. */
  ConfigValue<Duration> duration(String key);

  /** A time limit: a {@link #duration} or {@code off}, which reads as {@link #OFF}. */
  ConfigValue<Duration> timeout(String key);

  /** A size with a unit, in bytes: {@code 64K}, {@code 8MB}; powers of 1024. Never negative. */
  ConfigValue<Long> size(String key);

  /** A {@link #size} or {@code unlimited}, which reads as {@link #UNLIMITED}. */
  ConfigValue<Long> sizeBound(String key);

  /** A whole number of at least {@code min}, or {@code unlimited}, read as {@link #UNLIMITED}. */
  ConfigValue<Long> bound(String key, long min);

  /**
   * One of the constants of an enum, written in kebab-case: {@code LEAST_REQUEST} is {@code
   * least-request}.
   */
  <E extends Enum<E>> ConfigValue<E> choice(String key, Class<E> constants);

  /** A list of texts; a single text stands for a list of one. Absent optional elements are gone. */
  ConfigValue<List<String>> strings(String key);

  /**
   * A file or folder; a relative one starts from the folder of the configuration file that the key
   * stands in. Whether it exists is not looked at.
   */
  ConfigValue<Path> file(String key);

  /** A nested block. */
  ConfigValue<ConfigSection> section(String key);

  /**
   * An empty block standing where {@code key} would: the fallback for an absent block whose keys
   * all have defaults.
   */
  ConfigSection empty(String key);

  /** A list of nested blocks. */
  ConfigValue<List<ConfigSection>> sections(String key);

  /**
   * Reads every remaining key as text: for blocks whose keys are the user's own names, such as
   * {@code set { X-Frame-Options = DENY }}. In the order of the file.
   */
  ConfigValue<Map<String, String>> entries();

  /**
   * Reads every key as a block of its own: {@code upstreams { a {…}, b {…} }}. In the order of the
   * file.
   */
  ConfigValue<Map<String, ConfigSection>> named();

  /**
   * Records a problem with one key's value, for checks that span several keys.
   *
   * @param key the key at fault, or an empty text for the block as a whole
   * @param problem what is wrong, a clause without a full stop: {@code "5s is longer than
   *     interval"}
   * @param expected what would be right, or an empty text
   */
  void problem(String key, String problem, String expected);
}
