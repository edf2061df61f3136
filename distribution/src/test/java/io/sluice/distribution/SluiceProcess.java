package io.sluice.distribution;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The launcher as a child process, with what it printed. Closing it kills it. */
public final class SluiceProcess implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(60);
  private static final Pattern LISTENER = Pattern.compile("  listener (\\S+) +\\S*:(\\d+).*");
  private static final Pattern ADMIN = Pattern.compile("  admin +http://\\S*:(\\d+)/");

  private final Process process;
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final List<Thread> readers = new ArrayList<>();

  private SluiceProcess(Process process) {
    this.process = process;
    readers.add(read(process.getInputStream(), out));
    readers.add(read(process.getErrorStream(), err));
  }

  /**
   * What comes before a command so that it hears HUP and INT even where the tests were started with
   * these ignored, as {@code nohup} and background jobs are: a process inherits that. GNU env can
   * undo it; where there is none, nothing comes before.
   */
  private static final List<String> SIGNALS_AS_USUAL = signalsAsUsual();

  private static List<String> signalsAsUsual() {
    List<String> prefix = List.of("env", "--default-signal=HUP,INT");
    List<String> probe = new ArrayList<>(prefix);
    probe.add("true");
    try {
      return new ProcessBuilder(probe).start().waitFor() == 0 ? prefix : List.of();
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Starts any command. */
  static SluiceProcess launch(Map<String, String> environment, String... arguments) {
    return launch(List.of(), environment, arguments);
  }

  private static SluiceProcess launch(
      List<String> before, Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(SIGNALS_AS_USUAL);
    command.addAll(before);
    command.add(Installation.launcher().toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_ADMIN"));
    builder.environment().putAll(environment);
    try {
      return new SluiceProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the proxy so that it may have no more than {@code files} open. */
  static SluiceProcess runWithOpenFiles(int files, Path config) {
    List<String> limited = List.of("sh", "-c", "ulimit -n " + files + " && exec \"$@\"", "sh");
    return ready(launch(limited, Map.of(), "run", config.toString()));
  }

  /** Runs the proxy with a config and waits until it is ready. */
  static SluiceProcess run(Path config) {
    return run(config, Map.of());
  }

  static SluiceProcess run(Path config, Map<String, String> environment) {
    return ready(launch(environment, "run", config.toString()));
  }

  private static SluiceProcess ready(SluiceProcess sluice) {
    try {
      sluice.awaitReady();
      return sluice;
    } catch (RuntimeException | Error e) {
      sluice.close();
      throw e;
    }
  }

  /** Writes {@code config} to a new file in {@code folder} and runs the proxy with it. */
  public static SluiceProcess run(Path folder, String config) {
    return run(write(folder, config));
  }

  static Path write(Path folder, String config) {
    try {
      return Files.writeString(folder.resolve("sluice.conf"), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitReady() {
    await("ready")
        .atMost(START)
        .pollInterval(Duration.ofMillis(20))
        .failFast("the process ended: " + err, () -> !process.isAlive())
        .until(() -> err.stream().anyMatch(line -> line.startsWith("  admin ")));
  }

  /** The port of a listener, read from the report of the start. */
  public int port(String listener) {
    for (String line : err) {
      Matcher matcher = LISTENER.matcher(line);
      if (matcher.matches() && matcher.group(1).equals(listener)) {
        return Integer.parseInt(matcher.group(2));
      }
    }
    throw new AssertionError("no listener " + listener + " in " + err);
  }

  public int adminPort() {
    for (String line : err) {
      Matcher matcher = ADMIN.matcher(line);
      if (matcher.matches()) {
        return Integer.parseInt(matcher.group(1));
      }
    }
    throw new AssertionError("no admin address in " + err);
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Standard output so far, line by line. */
  List<String> out() {
    return out;
  }

  /** Standard error so far, line by line. */
  public List<String> err() {
    return err;
  }

  /** Sends a signal such as {@code TERM}. */
  void signal(String name) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
      if (code != 0) {
        throw new AssertionError("kill answered " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Waits for the end and answers the exit code. */
  int exitCode(Duration atMost) {
    try {
      if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still runs after " + atMost + "; printed " + err);
      }
      for (Thread reader : readers) {
        reader.join(5_000);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    exitCode(Duration.ofSeconds(20));
  }

  private static Thread read(InputStream from, List<String> to) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  to.add(line);
                }
              } catch (IOException e) {
                to.add("(reading broke: " + e + ")");
              }
            },
            "process-output");
    reader.setDaemon(true);
    reader.start();
    return reader;
  }
}
