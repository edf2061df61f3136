package io.sluice.plugin.testkit;

import io.sluice.api.http.RequestHead;
import io.sluice.api.upstream.Endpoint;
import io.sluice.api.upstream.PickRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a balancer is asked.
 *
 * @param request the client's request, or null
 * @param clientIp the client's address
 * @param tried endpoints of earlier attempts; they are excluded
 */
public record FakePick(@Nullable RequestHead request, String clientIp, Set<Endpoint> tried)
    implements PickRequest {

  /** A first attempt for a client at 203.0.113.7. */
  public static FakePick first() {
    return from("203.0.113.7");
  }

  /** A first attempt for a client. */
  public static FakePick from(String clientIp) {
    return new FakePick(null, clientIp, Set.of());
  }

  /** A first attempt for a request, see {@link FakeRequest#of}. */
  public static FakePick of(String head) {
    return new FakePick(FakeRequest.of(head), "203.0.113.7", Set.of());
  }

  /** A further attempt, after some endpoints were tried. */
  public static FakePick after(Endpoint... tried) {
    return new FakePick(null, "203.0.113.7", Set.of(tried));
  }

  @Override
  public int earlierAttempts() {
    return tried.size();
  }

  @Override
  public boolean excluded(Endpoint endpoint) {
    return tried.contains(endpoint);
  }
}
