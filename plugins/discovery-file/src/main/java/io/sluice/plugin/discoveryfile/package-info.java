/**
 * Finds endpoints in a file that something else writes. Start reading at {@link
 * io.sluice.plugin.discoveryfile.FileDiscovery}.
 */
@NullMarked
package io.sluice.plugin.discoveryfile;

import org.jspecify.annotations.NullMarked;
