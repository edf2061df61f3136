/**
 * What every plugin starts from: a {@link io.sluice.api.PluginFactory} per kind, found by {@link
 * java.util.ServiceLoader} and selected by its {@code type} in the configuration, and the {@link
 * io.sluice.api.PluginContext} it is given. Start reading at {@code PluginFactory}.
 */
@NullMarked
package io.sluice.api;

import org.jspecify.annotations.NullMarked;
