package io.sluice.distribution.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Calls the admin API of a running proxy. Blocks. */
final class AdminClient {

  private static final int CONNECT_MILLIS = 3_000;
  private static final int READ_MILLIS = 60_000;

  private final URI base;
  private final @Nullable String token;

  AdminClient(URI base, @Nullable String token) {
    this.base = base;
    this.token = token;
  }

  /** An answer of the admin API, of any status but 401. */
  record Reply(int status, String body) {}

  Reply get(String path) throws Refusal {
    return call("GET", path);
  }

  Reply post(String path) throws Refusal {
    return call("POST", path);
  }

  private Reply call(String method, String path) throws Refusal {
    try {
      if (!(base.resolve(path).toURL().openConnection() instanceof HttpURLConnection connection)) {
        throw Refusal.couldNotStart(base + " is not an http address");
      }
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout(READ_MILLIS);
      connection.setRequestMethod(method);
      connection.setRequestProperty("Accept", "application/json");
      if (token != null) {
        connection.setRequestProperty("Authorization", "Bearer " + token);
      }
      if (method.equals("POST")) {
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(0);
        connection.getOutputStream().close();
      }
      int status = connection.getResponseCode();
      if (status == HttpURLConnection.HTTP_UNAUTHORIZED) {
        throw Refusal.couldNotStart(
            "the admin API at "
                + base
                + " wants "
                + (token == null ? "a token" : "another token")
                + " (give --token or SLUICE_ADMIN_TOKEN)");
      }
      return new Reply(status, body(connection, status));
    } catch (IOException e) {
      throw Refusal.couldNotStart(
          "no admin API at " + base + ": " + e.getMessage() + " (is sluice running there?)");
    }
  }

  private static String body(HttpURLConnection connection, int status) throws IOException {
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
