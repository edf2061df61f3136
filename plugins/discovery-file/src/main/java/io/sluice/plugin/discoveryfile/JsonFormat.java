package io.sluice.plugin.discoveryfile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.sluice.api.upstream.EndpointDiscovery.EndpointSpec;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSON array of addresses, or of objects with {@code address}, {@code weight}, {@code zone},
 * {@code priority}, {@code backup} and {@code host}; or an object with that array under {@code
 * endpoints}.
 */
final class JsonFormat {

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final String EXPECTED = "[ \"host:port\", { \"address\": \"host:port\" } ]";

  private final Found found;
  private final JsonParser json;

  private JsonFormat(String file, JsonParser json) {
    this.found = new Found(file);
    this.json = json;
  }

  static List<EndpointSpec> parse(String file, String text) throws InvalidFile {
    try (JsonParser json = JSON.createParser(text)) {
      return new JsonFormat(file, json).parse();
    } catch (JsonProcessingException e) {
      Found broken = new Found(file);
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      broken.problem(Math.max(1, line), "not JSON: " + e.getOriginalMessage(), "");
      return broken.orThrow();
    } catch (IOException e) {
      throw new IllegalStateException("a text is read without I/O", e);
    }
  }

  private List<EndpointSpec> parse() throws IOException, InvalidFile {
    JsonToken first = json.nextToken();
    if (first == JsonToken.START_OBJECT) {
      wrapped();
    } else if (first == JsonToken.START_ARRAY) {
      array();
    } else {
      found.problem(line(), first == null ? "nothing in it" : "no array", EXPECTED);
    }
    if (first != null && json.nextToken() != null) {
      throw new JsonParseException(json, "something follows the end");
    }
    return found.orThrow();
  }

  private void wrapped() throws IOException {
    boolean there = false;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      JsonToken value = json.nextToken();
      if (!key.equals("endpoints")) {
        found.problem(line(), "unknown key \"" + key + "\"", "endpoints");
        json.skipChildren();
      } else if (value != JsonToken.START_ARRAY) {
        found.problem(line(), "endpoints is no array", EXPECTED);
        json.skipChildren();
        there = true;
      } else {
        array();
        there = true;
      }
    }
    if (!there) {
      found.problem(line(), "no endpoints", "{ \"endpoints\": [ … ] }");
    }
  }

  private void array() throws IOException {
    for (JsonToken token = json.nextToken();
        token != JsonToken.END_ARRAY;
        token = json.nextToken()) {
      if (token == JsonToken.VALUE_STRING) {
        found.add(line(), json.getText(), Found.Settings.NONE);
      } else if (token == JsonToken.START_OBJECT) {
        endpoint();
      } else {
        found.problem(line(), "not an endpoint", EXPECTED);
        json.skipChildren();
      }
    }
  }

  private void endpoint() throws IOException {
    int line = line();
    @Nullable String address = null;
    @Nullable String zone = null;
    @Nullable String host = null;
    int weight = 1;
    int priority = 0;
    boolean backup = false;
    boolean valid = true;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      JsonToken token = json.nextToken();
      switch (key) {
        case "address" -> {
          address = text(token);
          valid &= address != null;
        }
        case "zone" -> {
          zone = token == JsonToken.VALUE_NULL ? null : text(token);
          valid &= zone != null || token == JsonToken.VALUE_NULL;
        }
        case "host" -> {
          host = token == JsonToken.VALUE_NULL ? null : name(token);
          valid &= host != null || token == JsonToken.VALUE_NULL;
        }
        case "weight" -> {
          weight = number(token, 1, 65_535);
          valid &= weight >= 0;
        }
        case "priority" -> {
          priority = number(token, 0, 127);
          valid &= priority >= 0;
        }
        case "backup" -> {
          backup = token == JsonToken.VALUE_TRUE;
          valid &= flag(token);
        }
        default -> {
          found.problem(
              line(),
              "unknown key \"" + key + "\"",
              "address, weight, zone, priority, backup or host");
          json.skipChildren();
        }
      }
    }
    if (valid && address == null) {
      found.problem(line, "an endpoint without address", Found.ADDRESS);
    } else if (valid && address != null) {
      int level = backup && priority == 0 ? 1 : priority;
      found.add(line, address, new Found.Settings(weight, zone, level, host));
    }
  }

  private @Nullable String text(JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_STRING && !json.getText().isEmpty()) {
      return json.getText();
    }
    refuse("text");
    return null;
  }

  private @Nullable String name(JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_STRING && EndpointSpec.isName(json.getText())) {
      return json.getText();
    }
    refuse("a host name without a port");
    return null;
  }

  private int number(JsonToken token, int min, int max) throws IOException {
    int number = token == JsonToken.VALUE_NUMBER_INT ? Found.number(json.getText(), min, max) : -1;
    if (number < 0) {
      refuse("a whole number from " + min + " to " + max);
    }
    return number;
  }

  private boolean flag(JsonToken token) throws IOException {
    boolean flag = token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
    if (!flag) {
      refuse("true or false");
    }
    return flag;
  }

  private void refuse(String expected) throws IOException {
    found.problem(line(), json.currentName() + " cannot be that", expected);
    json.skipChildren();
  }

  private int line() {
    return json.currentTokenLocation().getLineNr();
  }
}
