package io.sluice.core.upstream;

import io.sluice.core.observe.MeterRegistry;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.transport.tls.TlsProvider;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What upstreams need of the process.
 *
 * @param control one thread, for everything that is decided off the event loops
 * @param blocking where files are read
 */
public record UpstreamServices(
    EventLoops loops,
    Resolvers resolvers,
    ScheduledExecutorService control,
    MeterRegistry meters,
    TlsProvider tlsProvider,
    Executor blocking) {}
