/**
 * Holds the API's signatures still: {@code ApiSignaturesTest} compares them with {@code api.txt}.
 */
@NullMarked
package io.sluice.api.signatures;

import org.jspecify.annotations.NullMarked;
