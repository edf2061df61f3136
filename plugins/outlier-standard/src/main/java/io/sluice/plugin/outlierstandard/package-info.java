/**
 * Ejects endpoints that do worse than they should, or than the others. Start reading at {@link
 * io.sluice.plugin.outlierstandard.StandardOutlierFactory}, then {@code StandardOutlierDetector}.
 */
@NullMarked
package io.sluice.plugin.outlierstandard;

import org.jspecify.annotations.NullMarked;
