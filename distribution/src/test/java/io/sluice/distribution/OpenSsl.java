package io.sluice.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real openssl and curl: certificates of their making, and clients of theirs. */
final class OpenSsl {

  private OpenSsl() {}

  /** Makes {@code NAME.pem} and {@code NAME.key} in {@code folder} for server names. */
  static void certificate(Path folder, String file, String... names) {
    List<String> alternatives = new ArrayList<>();
    for (String name : names) {
      alternatives.add("DNS:" + name);
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=" + names[0],
        "-addext",
        "subjectAltName=" + String.join(",", alternatives),
        "-keyout",
        folder.resolve(file + ".key").toString(),
        "-out",
        folder.resolve(file + ".pem").toString());
  }

  /** Makes {@code NAME.pem} and {@code NAME.key} of an authority in {@code folder}. */
  static void authority(Path folder, String name) {
    run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=" + name,
        "-keyout",
        folder.resolve(name + ".key").toString(),
        "-out",
        folder.resolve(name + ".pem").toString());
  }

  /**
   * Makes {@code NAME.pem} and {@code NAME.key} in {@code folder}, signed by an authority there.
   *
   * @param alternative its other name, as in {@code DNS:a.example}
   */
  static void issue(Path folder, String authority, String name, String alternative) {
    Path request = folder.resolve(name + ".csr");
    run(
        "openssl",
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=" + name,
        "-addext",
        "subjectAltName=" + alternative,
        "-keyout",
        folder.resolve(name + ".key").toString(),
        "-out",
        request.toString());
    run(
        "openssl",
        "x509",
        "-req",
        "-in",
        request.toString(),
        "-copy_extensions",
        "copy",
        "-days",
        "2",
        "-CA",
        folder.resolve(authority + ".pem").toString(),
        "-CAkey",
        folder.resolve(authority + ".key").toString(),
        "-CAcreateserial",
        "-out",
        folder.resolve(name + ".pem").toString());
  }

  /** Makes {@code NAME.der}, an OCSP response by which the authority vouches for a certificate. */
  static void ocsp(Path folder, String authority, String name) {
    String certificate = folder.resolve(name + ".pem").toString();
    String serial =
        run("openssl", "x509", "-in", certificate, "-noout", "-serial")
            .replace("serial=", "")
            .strip();
    Path index = folder.resolve(name + ".index");
    try {
      Files.writeString(index, "V\t491231235959Z\t\t" + serial + "\tunknown\t/CN=" + name + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String by = folder.resolve(authority + ".pem").toString();
    String request = folder.resolve(name + ".req").toString();
    run("openssl", "ocsp", "-issuer", by, "-cert", certificate, "-no_nonce", "-reqout", request);
    run(
        "openssl",
        "ocsp",
        "-index",
        index.toString(),
        "-CA",
        by,
        "-rsigner",
        by,
        "-rkey",
        folder.resolve(authority + ".key").toString(),
        "-reqin",
        request,
        "-ndays",
        "2",
        "-respout",
        folder.resolve(name + ".der").toString());
  }

  /** What a command printed, on either stream; its input is empty. */
  static String run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      String printed;
      try (InputStream out = process.getInputStream()) {
        printed = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      }
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("still runs: " + String.join(" ", command));
      }
      return printed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What curl gets from a port of this machine under a host name, trusting one certificate. */
  static String curl(Path trusted, String host, int port, String path, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-sS",
                "-i",
                "--max-time",
                "20",
                "--resolve",
                host + ":" + port + ":127.0.0.1",
                "--cacert",
                trusted.toString()));
    command.addAll(List.of(more));
    command.add("https://" + host + ":" + port + path);
    return run(command.toArray(String[]::new));
  }
}
