package io.sluice.core.route;

import io.sluice.api.http.Headers;
import io.sluice.api.http.HttpVersion;
import io.sluice.api.http.RequestHead;
import io.sluice.core.http.ByteHeaders;
import io.sluice.core.http.Cidr;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** A request that a test makes, with the connection it came on. */
final class TestRequest implements RequestHead, MatchInput {

  private final ByteHeaders headers = new ByteHeaders();
  private final String method;
  private final String host;
  private String path;
  private @Nullable String query;
  private String listener = "web";
  private @Nullable InetAddress client;

  private TestRequest(String method, String host, String path, @Nullable String query) {
    this.method = method;
    this.host = host;
    this.path = path;
    this.query = query;
  }

  static TestRequest get(String host, String target) {
    return of("GET", host, target);
  }

  static TestRequest of(String method, String host, String target) {
    int mark = target.indexOf('?');
    return mark < 0
        ? new TestRequest(method, host, target, null)
        : new TestRequest(method, host, target.substring(0, mark), target.substring(mark + 1));
  }

  TestRequest header(String name, String value) {
    headers.add(name, value);
    return this;
  }

  TestRequest from(@Nullable String address) {
    client = address == null ? null : Cidr.literal(address);
    return this;
  }

  TestRequest at(String name) {
    listener = name;
    return this;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String scheme() {
    return "https";
  }

  @Override
  public String authority() {
    return host + ":8443";
  }

  @Override
  public String host() {
    return host;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public @Nullable String query() {
    return query;
  }

  @Override
  public HttpVersion version() {
    return HttpVersion.HTTP_1_1;
  }

  @Override
  public Headers headers() {
    return headers;
  }

  @Override
  public void path(String other) {
    path = other;
  }

  @Override
  public void query(@Nullable String other) {
    query = other;
  }

  @Override
  public String listener() {
    return listener;
  }

  @Override
  public @Nullable InetAddress client() {
    return client;
  }

  @Override
  public String toString() {
    return method + " " + host + path + (query == null ? "" : "?" + query) + " " + headers;
  }
}
