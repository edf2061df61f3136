/**
 * Finds plugins, keeps those in folders apart from each other and from the platform's libraries,
 * and makes instances of them. Knows every kind of plugin and no plugin by name.
 *
 * <p>Start reading at {@link io.sluice.core.plugin.PluginRegistry}, then {@link
 * io.sluice.core.plugin.PluginHost}. In the order of a start:
 *
 * <ol>
 *   <li>{@code PluginPlaces} looks which jars and folders there are.
 *   <li>{@code JarCopies} takes a private copy, {@code PluginLoaders} makes a class loader on it.
 *   <li>{@code Providers} finds the factories of one loader and tests each for itself.
 *   <li>{@code PluginRegistry} puts them together, refuses types offered twice, and shares
 *       unchanged loaders with the next generation.
 *   <li>{@code PluginHost} makes an instance for a block of the configuration.
 * </ol>
 */
@NullMarked
package io.sluice.core.plugin;

import org.jspecify.annotations.NullMarked;
