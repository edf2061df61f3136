package io.sluice.core.boot;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Objects;

/** Calls the admin API of a running platform. */
final class AdminCaller {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final Running running;

  AdminCaller(Running running) {
    this.running = running;
  }

  HttpResponse<String> call(String method, String path, String body) throws Exception {
    InetSocketAddress address =
        (InetSocketAddress) Objects.requireNonNull(running.platform.adminAddress());
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  String get(String path) throws Exception {
    return call("GET", path, "").body();
  }

  int put(String endpoint, String body) throws Exception {
    return call("PUT", "/upstreams/app/endpoints/" + endpoint, body).statusCode();
  }

  int delete(String endpoint) throws Exception {
    return call("DELETE", "/upstreams/app/endpoints/" + endpoint, "").statusCode();
  }

  int post(String endpoint, String action) throws Exception {
    return call("POST", "/upstreams/app/endpoints/" + endpoint + "/" + action, "").statusCode();
  }

  /** The value of a meter's line that begins so, or an empty text. */
  String meter(String begin) throws Exception {
    return get("/metrics")
        .lines()
        .filter(line -> line.startsWith(begin))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .findFirst()
        .orElse("");
  }
}
