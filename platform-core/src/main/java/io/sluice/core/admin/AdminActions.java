package io.sluice.core.admin;

import io.sluice.api.cache.ResponseCache.Selector;
import io.sluice.core.admin.AdminModel.Change;
import io.sluice.core.admin.AdminModel.EndpointSettings;
import io.sluice.core.admin.AdminModel.EndpointState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What POST, PUT and DELETE do. */
final class AdminActions {

  /** The answer of a reload that was taken. */
  record Reloaded(long generation, List<String> changes) {}

  /** The answer of a reload that was refused; the old configuration still serves. */
  record Refused(int status, String error, long generation, List<String> problems) {}

  /** The answer of what was begun or done. */
  record Done(String result) {}

  /** The answer of a purge. */
  record Purged(long purged) {}

  private final AdminModel model;

  AdminActions(AdminModel model) {
    this.model = model;
  }

  CompletionStage<Answer> reload(AdminCall call) {
    return model
        .reload()
        .thenApply(
            result ->
                result.problems().isEmpty()
                    ? Answer.json(
                        200, new Reloaded(result.generation(), result.changes()), call.pretty())
                    : Answer.json(
                        422,
                        new Refused(
                            422,
                            "the configuration was refused; the old one still serves",
                            result.generation(),
                            result.problems()),
                        call.pretty()));
  }

  CompletionStage<Answer> drain(AdminCall call) {
    model.drain();
    return now(Answer.json(202, new Done("draining"), call.pretty()));
  }

  CompletionStage<Answer> enable(AdminCall call) {
    return state(call, EndpointState.ENABLED);
  }

  CompletionStage<Answer> disable(AdminCall call) {
    return state(call, EndpointState.DISABLED);
  }

  CompletionStage<Answer> drainEndpoint(AdminCall call) {
    return state(call, EndpointState.DRAINING);
  }

  CompletionStage<Answer> putEndpoint(AdminCall call) {
    JsonBody body = JsonBody.parse(call.body());
    EndpointSettings settings =
        new EndpointSettings(
            body.integer("weight", 1, 65_535, 1), body.text("zone"), body.flag("backup", false));
    body.refuseOthers();
    return changed(model.putEndpoint(call.wild().get(0), call.wild().get(1), settings), call);
  }

  CompletionStage<Answer> removeEndpoint(AdminCall call) {
    return changed(model.removeEndpoint(call.wild().get(0), call.wild().get(1)), call);
  }

  CompletionStage<Answer> purge(AdminCall call) {
    String cache = call.wild().get(0);
    Optional<CompletionStage<Long>> purging = model.purge(cache, selector(call.body()));
    return purging
        .map(stage -> stage.thenApply(gone -> Answer.json(200, new Purged(gone), call.pretty())))
        .orElseGet(() -> now(Answer.fault(404, "there is no such cache")));
  }

  private static Selector selector(String text) {
    JsonBody body = JsonBody.parse(text);
    List<Selector> selectors = new ArrayList<>();
    @Nullable String url = body.text("url");
    if (url != null) {
      selectors.add(new Selector.Url(url));
    }
    @Nullable String prefix = body.text("prefix");
    if (prefix != null) {
      selectors.add(new Selector.Prefix(prefix));
    }
    List<String> tags = body.texts("tags");
    if (!tags.isEmpty()) {
      selectors.add(new Selector.Tags(tags));
    }
    body.refuseOthers();
    if (selectors.size() != 1) {
      throw new IllegalArgumentException("exactly one of url, prefix and tags is needed");
    }
    return selectors.get(0);
  }

  private CompletionStage<Answer> state(AdminCall call, EndpointState state) {
    return changed(model.setEndpointState(call.wild().get(0), call.wild().get(1), state), call);
  }

  private static CompletionStage<Answer> changed(Change change, AdminCall call) {
    return now(
        switch (change.result()) {
          case DONE -> Answer.json(200, new Done(change.message()), call.pretty());
          case CREATED -> Answer.json(201, new Done(change.message()), call.pretty());
          case NOT_FOUND -> Answer.fault(404, change.message());
          case REFUSED -> Answer.fault(422, change.message());
        });
  }

  private static CompletionStage<Answer> now(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
