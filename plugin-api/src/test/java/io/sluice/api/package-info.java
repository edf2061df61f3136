/** Tests of the plugin API's own behaviour. */
@NullMarked
package io.sluice.api;

import org.jspecify.annotations.NullMarked;
