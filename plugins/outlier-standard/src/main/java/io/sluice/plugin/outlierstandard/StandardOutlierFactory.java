package io.sluice.plugin.outlierstandard;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.upstream.OutlierDetector;
import io.sluice.api.upstream.OutlierDetectorFactory;
import java.util.concurrent.ThreadLocalRandom;

/** Makes the {@code standard} outlier detector. */
public final class StandardOutlierFactory implements OutlierDetectorFactory {

  @Override
  public String type() {
    return "standard";
  }

  @Override
  public OutlierDetector create(ConfigSection config, PluginContext context) {
    StandardOutlierConfig decoded = StandardOutlierConfig.decode(config);
    StandardOutlierDetector detector =
        new StandardOutlierDetector(
            decoded,
            context.endpointSlot(EndpointRecord.class),
            context.ticker(),
            () -> ThreadLocalRandom.current().nextDouble());
    context.scheduleRepeatedly(decoded.interval(), decoded.interval(), detector::analyse);
    return detector;
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
