/**
 * Typed, validated, located reads of a plugin's configuration. Start reading at {@link
 * io.sluice.api.config.ConfigSection}.
 */
@NullMarked
package io.sluice.api.config;

import org.jspecify.annotations.NullMarked;
