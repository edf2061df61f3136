/**
 * Refuses clients by address. Start reading at {@link io.sluice.plugin.ipfilter.IpFilterFactory}.
 */
@NullMarked
package io.sluice.plugin.ipfilter;

import org.jspecify.annotations.NullMarked;
