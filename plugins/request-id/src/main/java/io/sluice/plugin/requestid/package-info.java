/**
 * Gives each request an id. Start reading at {@link io.sluice.plugin.requestid.RequestIdFactory}.
 */
@NullMarked
package io.sluice.plugin.requestid;

import org.jspecify.annotations.NullMarked;
