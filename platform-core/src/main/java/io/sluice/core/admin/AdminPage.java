package io.sluice.core.admin;

import io.sluice.core.admin.AdminModel.LastReload;
import io.sluice.core.admin.AdminModel.ListenerView;
import io.sluice.core.admin.AdminModel.Readiness;
import io.sluice.core.admin.AdminModel.Status;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The page at {@code /}: the status as it was when it was asked for, and where to look further. */
final class AdminPage {

  /** Nothing is loaded from anywhere, and no script runs. */
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none';"
          + " form-action 'none'";

  private static final List<String> LINKS =
      List.of(
          "metrics",
          "status?pretty=1",
          "health/ready?pretty=1",
          "config",
          "routes?pretty=1",
          "upstreams?pretty=1",
          "plugins?pretty=1");

  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>Sluice</title>
      <style>
      body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 44rem; padding: 0 1rem;
             color-scheme: light dark }
      th { text-align: left; padding-right: 2rem; vertical-align: top }
      </style>
      <h1>Sluice</h1>
      """;

  private AdminPage() {}

  static Answer of(Status status, Readiness readiness) {
    StringBuilder html = new StringBuilder(HEAD).append("<table>\n");
    row(html, "status", status.status().name().toLowerCase(Locale.ROOT));
    row(html, "ready", readiness.ready() ? "yes" : String.join("; ", readiness.reasons()));
    row(html, "version", status.version());
    row(html, "started", status.started().truncatedTo(ChronoUnit.SECONDS).toString());
    row(html, "generation", Long.toString(status.generation()));
    row(html, "last reload", lastReload(status.lastReload()));
    row(html, "client connections", Long.toString(status.connections()));
    row(html, "exchanges", Long.toString(status.exchanges()));
    for (ListenerView listener : status.listeners()) {
      String where = listener.protocol() + " on " + String.join(", ", listener.addresses());
      row(html, "listener " + listener.name(), where);
    }
    html.append("</table>\n<ul>\n");
    for (String link : LINKS) {
      String path = link.replace("?pretty=1", "");
      html.append("<li><a href=\"/%s\">/%s</a></li>\n".formatted(link, path));
    }
    html.append("</ul>\n</html>\n");
    return Answer.text(200, Answer.HTML, html.toString()).with("content-security-policy", POLICY);
  }

  private static String lastReload(@Nullable LastReload reload) {
    if (reload == null) {
      return "none";
    }
    String at = reload.at().truncatedTo(ChronoUnit.SECONDS).toString();
    return at
        + (reload.success() ? ", taken" : ", refused: " + reload.problems().size() + " problems");
  }

  private static void row(StringBuilder html, String name, String value) {
    html.append("<tr><th>").append(escape(name)).append("</th><td>");
    html.append(escape(value)).append("</td></tr>\n");
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
