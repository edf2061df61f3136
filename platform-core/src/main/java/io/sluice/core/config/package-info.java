/**
 * Loads the HOCON configuration, says where every value stands, and collects every problem. The
 * HOCON grammar and its merging are typesafe-config's; this package adds places, strict units,
 * hints for the mistakes that HOCON accepts in silence, and the record of what was read. Start
 * reading at {@link io.sluice.core.config.ConfigLoader}.
 */
@NullMarked
package io.sluice.core.config;

import org.jspecify.annotations.NullMarked;
