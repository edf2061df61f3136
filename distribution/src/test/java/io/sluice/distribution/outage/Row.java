package io.sluice.distribution.outage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One row of the table: what is broken when, and what must come of it.
 *
 * @param behaviour the name of the test
 * @param strike when the toxics come
 * @param answer status, who answered, and whether the content is whole
 * @param retries that Sluice makes and counts
 * @param sick how the attempts at the broken endpoint end, the one before the strike included
 * @param after the answer's earliest end
 */
record Row(
    int number,
    String behaviour,
    List<Toxin> toxins,
    Strike strike,
    Request request,
    Policy policy,
    Answer answer,
    long retries,
    Map<String, Long> sick,
    Duration after) {

  /** When the toxics come. */
  enum Strike {
    /** Before there is a connection. */
    START,
    /** When half of the response's head is through. */
    HEAD,
    /** When the response's content has begun. */
    BODY,
    /** When half of the request's content is sent. */
    UPLOAD,
    /** Between two exchanges on one connection; the next request follows at once. */
    IDLE,
    /** As {@link #IDLE}, and Sluice has noticed that the connection broke. */
    GONE,
    /** As {@link #IDLE}, and then the endpoint closes its end. */
    LEFT;

    boolean wantsHaltingEndpoint() {
      return this == HEAD || this == LEFT;
    }

    boolean isBetweenExchanges() {
      return this == IDLE || this == GONE || this == LEFT;
    }
  }

  /** What is sent: a method, and what nginx makes of the path; the content's octets for a PUT. */
  record Request(String method, String path, int length) {

    static Request parse(String text) {
      String[] words = text.split(" ");
      return switch (words[0]) {
        case "GET" -> new Request("GET", "/" + words[1], 0);
        case "POST" -> new Request("POST", "/post", octets(words[1]));
        case "PUT" -> new Request("PUT", "/upload/", octets(words[1]));
        default -> throw new IllegalArgumentException("no request: " + text);
      };
    }

    private static int octets(String text) {
      return Integer.parseInt(text.replace("K", "")) * 1000;
    }

    boolean isUpload() {
      return method.equals("PUT");
    }
  }

  /** The timeouts and the retries of the route; see {@link OutageMatrixIT}. */
  enum Policy {
    PATIENT,
    PROMPT,
    STRICT,
    PER_TRY
  }

  /**
   * What the client gets.
   *
   * @param from sick, well, or sluice itself
   * @param whole or broken off within the content, and not to be taken for whole
   */
  record Answer(int status, String from, boolean whole) {

    static Answer parse(String text) {
      String[] words = text.split(" ");
      return new Answer(Integer.parseInt(words[0]), words[1], words.length < 3);
    }
  }

  /** Reads a table: a line each, columns between bars, the first line names them. */
  static List<Row> table(String text) {
    List<Row> rows = new ArrayList<>();
    for (String line : text.lines().skip(1).filter(each -> !each.isBlank()).toList()) {
      String[] cells = line.split("\\|");
      if (cells.length != 9) {
        throw new IllegalArgumentException("not 9 columns: " + line);
      }
      for (int i = 0; i < cells.length; i++) {
        cells[i] = cells[i].strip();
      }
      rows.add(
          new Row(
              rows.size() + 1,
              cells[0],
              Toxin.parseAll(cells[1]),
              constant(Strike.class, cells[2]),
              Request.parse(cells[3]),
              constant(Policy.class, cells[4]),
              Answer.parse(cells[5]),
              Long.parseLong(cells[6]),
              outcomes(cells[7]),
              Duration.ofMillis(Long.parseLong(cells[8]))));
    }
    return rows;
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text) {
    return Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  private static Map<String, Long> outcomes(String text) {
    Map<String, Long> outcomes = new TreeMap<>();
    for (String outcome : text.split(" ")) {
      if (!outcome.equals("-")) {
        outcomes.merge(outcome, 1L, Long::sum);
      }
    }
    return outcomes;
  }

  /** The name of its route and of its upstream. */
  String id() {
    return "row-" + number;
  }

  /** The path under which Sluice has it. */
  String target() {
    return "/" + id() + request.path() + (request.isUpload() ? upload() : "");
  }

  /** The name of the file that it uploads. */
  String upload() {
    return id();
  }

  /** How nginx tells its request from the others of its route. */
  String label() {
    return id() + "-request";
  }

  @Override
  public String toString() {
    return behaviour;
  }
}
