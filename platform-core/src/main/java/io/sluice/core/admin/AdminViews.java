package io.sluice.core.admin;

import io.sluice.core.admin.AdminModel.Explanation;
import io.sluice.core.admin.AdminModel.Readiness;
import io.sluice.core.config.PemCertificates;
import io.sluice.core.observe.MeterRegistry;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What GET answers. Nothing here changes anything. */
final class AdminViews {

  private static final String OPEN_METRICS = "application/openmetrics-text";

  /** The answer of /health/live. */
  record Live(String status) {}

  private final AdminModel model;
  private final MeterRegistry meters;

  AdminViews(AdminModel model, MeterRegistry meters) {
    this.model = model;
    this.meters = meters;
  }

  CompletionStage<Answer> live(AdminCall call) {
    return json(200, new Live("live"), call);
  }

  CompletionStage<Answer> ready(AdminCall call) {
    Readiness readiness = model.readiness();
    return json(readiness.ready() ? 200 : 503, readiness, call);
  }

  CompletionStage<Answer> metrics(AdminCall call) {
    boolean openMetrics = call.accepts(OPEN_METRICS);
    return now(
        Answer.text(200, MeterRegistry.contentType(openMetrics), meters.scrape(openMetrics)));
  }

  CompletionStage<Answer> page(AdminCall call) {
    return now(AdminPage.of(model.status(), model.readiness()));
  }

  CompletionStage<Answer> status(AdminCall call) {
    return json(200, model.status(), call);
  }

  CompletionStage<Answer> config(AdminCall call) {
    return now(Answer.text(200, Answer.JSON, model.effectiveConfig() + "\n"));
  }

  CompletionStage<Answer> routes(AdminCall call) {
    return json(200, model.routes(), call);
  }

  CompletionStage<Answer> upstreams(AdminCall call) {
    return json(200, model.upstreams(), call);
  }

  CompletionStage<Answer> plugins(AdminCall call) {
    return json(200, model.plugins(), call);
  }

  /**
   * Headers come as {@code h=Name:value}, any number of them; certificates as PEM in {@code
   * client-cert}.
   */
  CompletionStage<Answer> explain(AdminCall call) {
    @Nullable String method = call.parameter("method");
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (String line : call.query().getOrDefault("h", List.of())) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw new IllegalArgumentException("the parameter h is not Name:value");
      }
      headers.add(Map.entry(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    Explanation explanation =
        model.explain(
            method == null ? "GET" : method,
            call.required("url"),
            headers,
            certificates(call.parameter("client-cert")));
    return call.accepts("text/plain")
        ? now(Answer.text(200, Answer.TEXT, String.join("\n", explanation.report()) + "\n"))
        : json(200, explanation, call);
  }

  private static List<X509Certificate> certificates(@Nullable String pem) {
    if (pem == null) {
      return List.of();
    }
    try {
      return PemCertificates.read(pem);
    } catch (CertificateException e) {
      throw new IllegalArgumentException("the parameter client-cert has no certificates in PEM", e);
    }
  }

  private static CompletionStage<Answer> json(int status, Object value, AdminCall call) {
    return now(Answer.json(status, value, call.pretty()));
  }

  private static CompletionStage<Answer> now(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
