package io.sluice.core.boot;

import dagger.BindsInstance;
import dagger.Subcomponent;
import io.sluice.core.plugin.PluginHost;

/** What is made for one configuration. */
@Subcomponent
interface GenerationComponent {

  GenerationFactory factory();

  /** Makes the component. */
  @Subcomponent.Factory
  interface Factory {
    GenerationComponent create(
        @BindsInstance RootConfig config,
        @BindsInstance PluginHost host,
        @BindsInstance GenerationFactory.Predecessor predecessor);
  }
}
