package io.sluice.core.boot;

import dagger.BindsInstance;
import dagger.Component;
import dagger.Module;
import dagger.Provides;
import io.sluice.core.exchange.GenerationSource;
import io.sluice.core.http.HttpDate;
import io.sluice.core.listener.ListenerSocket;
import io.sluice.core.observe.MeterRegistry;
import io.sluice.core.plugin.BlockingExecutor;
import io.sluice.core.transport.EventLoops;
import io.sluice.core.upstream.Resolvers;
import io.sluice.core.upstream.UpstreamServices;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** What lives as long as the process. */
@Singleton
@Component(modules = PlatformComponent.ProcessModule.class)
interface PlatformComponent {

  EventLoops loops();

  Resolvers resolvers();

  MeterRegistry meters();

  ScheduledExecutorService control();

  @Blocking
  ExecutorService blocking();

  ListenerSocket.Services listenerServices();

  GenerationComponent.Factory generations();

  /** Makes the component. */
  @Component.Factory
  interface Factory {
    PlatformComponent create(
        @BindsInstance RuntimeConfig runtime, @BindsInstance GenerationSource generations);
  }

  /** The parts of the process. */
  @Module(subcomponents = GenerationComponent.class)
  final class ProcessModule {

    private ProcessModule() {}

    @Provides
    @Singleton
    static EventLoops loops(RuntimeConfig runtime) {
      return new EventLoops(runtime.transport(), runtime.loops());
    }

    @Provides
    @Singleton
    static Resolvers resolvers(EventLoops loops, RuntimeConfig runtime) {
      return new Resolvers(loops, runtime.nameServers());
    }

    @Provides
    @Singleton
    static MeterRegistry meters() {
      return new MeterRegistry();
    }

    @Provides
    @Singleton
    static ScheduledExecutorService control() {
      ScheduledThreadPoolExecutor control =
          new ScheduledThreadPoolExecutor(
              1,
              task -> {
                Thread thread = new Thread(task, "sluice-control");
                thread.setDaemon(true);
                return thread;
              });
      control.setRemoveOnCancelPolicy(true);
      return control;
    }

    @Provides
    @Singleton
    @Blocking
    static ExecutorService blocking() {
      return BlockingExecutor.create();
    }

    @Provides
    static UpstreamServices upstreams(
        EventLoops loops,
        Resolvers resolvers,
        ScheduledExecutorService control,
        MeterRegistry meters,
        RuntimeConfig runtime,
        @Blocking ExecutorService blocking) {
      return new UpstreamServices(
          loops, resolvers, control, meters, runtime.tlsProvider(), blocking);
    }

    @Provides
    @Singleton
    static ListenerSocket.Services listeners(
        EventLoops loops, GenerationSource generations, MeterRegistry meters) {
      return new ListenerSocket.Services(
          loops, generations, meters, new HttpDate(InstantSource.system()));
    }
  }
}
