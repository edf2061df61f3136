/**
 * The life of one request and its response: middleware, route, attempts, response, outcome. Start
 * reading at {@link io.sluice.core.exchange.Phase}, then {@link
 * io.sluice.core.exchange.HttpExchange}.
 */
@NullMarked
package io.sluice.core.exchange;

import org.jspecify.annotations.NullMarked;
