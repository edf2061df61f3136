/**
 * Puts the rooms together: a process component, a subcomponent for each generation, and the order
 * of start, reload, drain and stop. Start reading at {@link io.sluice.core.boot.Platform}.
 */
@NullMarked
package io.sluice.core.boot;

import org.jspecify.annotations.NullMarked;
