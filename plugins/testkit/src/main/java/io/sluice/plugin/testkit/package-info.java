/**
 * Tools for testing plugins without a proxy around them.
 *
 * <p>Start reading at {@link io.sluice.plugin.testkit.PluginTester}, which makes a plugin from a
 * few lines of configuration, and {@link io.sluice.plugin.testkit.ExchangeHarness}, which sends
 * exchanges through middleware. The fakes stand in for what the platform hands to a plugin.
 * Everything runs on the test's own thread and no time passes unless the test lets it, except in
 * {@link io.sluice.plugin.testkit.ScriptedEndpoint}, which is a real server.
 */
@NullMarked
package io.sluice.plugin.testkit;

import org.jspecify.annotations.NullMarked;
