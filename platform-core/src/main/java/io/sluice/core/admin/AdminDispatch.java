package io.sluice.core.admin;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.sluice.core.admin.AdminRoutes.Entry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a request through the guard to its route and runs the action where it may run. */
final class AdminDispatch {

  private static final Logger LOG = LoggerFactory.getLogger(AdminDispatch.class);

  private final AdminGuard guard;
  private final AdminRoutes routes;
  private final Executor blocking;

  AdminDispatch(AdminConfig config, AdminRoutes routes, Executor blocking) {
    this.guard = new AdminGuard(config);
    this.routes = routes;
    this.blocking = blocking;
  }

  /**
   * Answers a request; never completes exceptionally.
   *
   * @param request borrowed for the length of the call
   * @param metricsDoor whether it came in by {@code metrics-bind}
   */
  CompletionStage<Answer> answer(FullHttpRequest request, boolean metricsDoor) {
    if (request.decoderResult().isFailure() || !request.uri().startsWith("/")) {
      return now(Answer.fault(400, "the request is not well-formed HTTP/1.1"));
    }
    @Nullable Answer refused = guard.origin(request.headers());
    if (refused != null) {
      return now(refused);
    }
    AdminCall call;
    try {
      call = call(request);
    } catch (IllegalArgumentException e) {
      return now(Answer.fault(400, "the path or query is not well-formed"));
    }
    @Nullable Entry entry = routes.find(call.method(), call.path(), metricsDoor);
    boolean open = metricsDoor || (entry != null && entry.open());
    refused = open ? null : guard.token(request.headers());
    if (refused != null) {
      return now(refused);
    }
    return entry == null
        ? now(notFound(call.path(), metricsDoor))
        : run(entry, call.matching(entry.wild(call.path())));
  }

  private Answer notFound(List<String> path, boolean metricsDoor) {
    Set<String> methods = routes.methods(path, metricsDoor);
    return methods.isEmpty()
        ? Answer.fault(404, "there is nothing at this path")
        : Answer.fault(405, "this path takes other methods")
            .with("allow", String.join(", ", methods));
  }

  private CompletionStage<Answer> run(Entry entry, AdminCall call) {
    try {
      CompletionStage<Answer> answer =
          entry.inPlace()
              ? entry.action().answer(call)
              : CompletableFuture.supplyAsync(() -> entry.action().answer(call), blocking)
                  .thenCompose(stage -> stage);
      return answer.exceptionally(AdminDispatch::failed);
    } catch (RejectedExecutionException e) {
      return now(Answer.fault(503, "too many admin calls are under way"));
    } catch (RuntimeException e) {
      return now(failed(e));
    }
  }

  /** What the caller did wrong is said; what went wrong here is only logged. */
  private static Answer failed(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof IllegalArgumentException) {
      return Answer.fault(400, String.valueOf(cause.getMessage()));
    }
    LOG.error("An admin call failed", cause);
    return Answer.fault(500, "the call failed; the log says why");
  }

  private static AdminCall call(FullHttpRequest request) {
    QueryStringDecoder uri =
        new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8, true, 256, true);
    String method = request.method().name();
    return new AdminCall(
        method.equals("HEAD") ? "GET" : method,
        AdminCall.segments(uri.rawPath()),
        List.of(),
        Map.copyOf(uri.parameters()),
        request.headers().copy(),
        request.content().toString(StandardCharsets.UTF_8));
  }

  private static CompletionStage<Answer> now(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
