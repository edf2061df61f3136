package io.sluice.distribution.outage;

import java.util.ArrayList;
import java.util.List;

/**
 * What the active health check makes of a toxic.
 *
 * @param behaviour the name of the test
 * @param ejected whether the endpoint is to be taken out, and later back; else it stays in
 */
record Checked(int number, String behaviour, List<Toxin> toxins, boolean ejected) {

  /** Columns: the behaviour; the toxics before the sick endpoint; out or in. */
  private static final String TABLE =
      """
      behaviour                                                        | toxics                                           | verdict
      silence for ever takes an endpoint out                           | timeout 0 downstream                             | out
      silence for ever towards an endpoint takes it out                | timeout 0 upstream                               | out
      silence that ends in a close takes an endpoint out               | timeout 300 downstream                           | out
      resets of answers take an endpoint out                           | reset_peer 0 downstream                          | out
      resets of requests take an endpoint out                          | reset_peer 0 upstream                            | out
      closes before the first octet take an endpoint out               | limit_data 0 downstream                          | out
      closes within the head take an endpoint out                      | limit_data 20 downstream                         | out
      cut requests take an endpoint out                                | limit_data 20 upstream                           | out
      refused connections take an endpoint out                         | down                                             | out
      delays beyond the check's timeout take an endpoint out           | latency 20000 downstream                         | out
      requests delayed beyond the check's timeout take an endpoint out | latency 20000 upstream                           | out
      a line without bandwidth takes an endpoint out                   | bandwidth 0 downstream                           | out
      heads that are cut and hardly ever closed take an endpoint out   | limit_data 20 downstream + slow_close 60000 downstream | out
      delays within the check's timeout do not take an endpoint out    | latency 200~100 downstream + latency 200 upstream | in
      a thin line does not take an endpoint out                        | bandwidth 10 downstream                          | in
      slices do not take an endpoint out                               | slicer 1 downstream + slicer 5 upstream          | in
      late closes do not take an endpoint out                          | slow_close 60000 downstream                      | in
      """;

  static List<Checked> rows() {
    List<Checked> rows = new ArrayList<>();
    for (String line : TABLE.lines().skip(1).toList()) {
      String[] cells = line.split("\\|");
      rows.add(
          new Checked(
              rows.size() + 1,
              cells[0].strip(),
              Toxin.parseAll(cells[1].strip()),
              cells[2].strip().equals("out")));
    }
    return rows;
  }

  /** The name of its route and of its upstream. */
  String id() {
    return "checked-" + number;
  }

  @Override
  public String toString() {
    return behaviour;
  }
}
