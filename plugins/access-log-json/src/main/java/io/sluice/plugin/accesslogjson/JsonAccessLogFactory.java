package io.sluice.plugin.accesslogjson;

import io.sluice.api.PluginContext;
import io.sluice.api.config.ConfigSection;
import io.sluice.api.observe.AccessLog;
import io.sluice.api.observe.AccessLogFactory;

/** Makes the {@code json} access log. Files are opened when the first line is due, not before. */
public final class JsonAccessLogFactory implements AccessLogFactory {

  @Override
  public String type() {
    return "json";
  }

  @Override
  public AccessLog create(ConfigSection config, PluginContext context) {
    JsonAccessLogConfig decoded = JsonAccessLogConfig.decode(config);
    LogWriter writer =
        new LogWriter(
            decoded.target(context.ticker()),
            decoded.bufferBytes(),
            context.meters().counter("sluice_access_log_dropped_total"));
    return new JsonAccessLog(decoded.fields(), writer, context.clock());
  }

  @Override
  public boolean safeWithoutConfig() {
    return true;
  }
}
