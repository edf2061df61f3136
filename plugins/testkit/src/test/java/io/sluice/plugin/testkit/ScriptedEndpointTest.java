package io.sluice.plugin.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScriptedEndpointTest {

  @Test
  void answersAsToldAndRemembersWhatItWasAsked() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    try (ScriptedEndpoint endpoint = ScriptedEndpoint.start("one")) {
      endpoint.then(new ScriptedEndpoint.Answer(503, Map.of("Retry-After", "1"), "busy"));
      URI uri = URI.create("http://" + endpoint.address() + "/a%20b?c=d");
      HttpRequest post =
          HttpRequest.newBuilder(uri)
              .header("X-Test", "yes")
              .POST(HttpRequest.BodyPublishers.ofString("content"))
              .build();

      HttpResponse<String> first = client.send(post, HttpResponse.BodyHandlers.ofString());
      HttpResponse<String> second = client.send(post, HttpResponse.BodyHandlers.ofString());

      assertThat(first.statusCode()).isEqualTo(503);
      assertThat(first.body()).isEqualTo("busy");
      assertThat(first.headers().firstValue("retry-after")).contains("1");
      assertThat(second.body()).isEqualTo("one");
      assertThat(endpoint.received()).hasSize(2);
      ScriptedEndpoint.Received received = endpoint.received().get(0);
      assertThat(received.method()).isEqualTo("POST");
      assertThat(received.target()).isEqualTo("/a%20b?c=d");
      assertThat(received.header("X-Test")).isEqualTo("yes");
      assertThat(received.body()).isEqualTo("content");
    }
  }
}
