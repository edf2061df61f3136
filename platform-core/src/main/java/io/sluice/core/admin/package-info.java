/**
 * The admin API: a small HTTP server of its own beside the data plane. Start reading at {@link
 * io.sluice.core.admin.AdminServer}; what it shows and does is {@link
 * io.sluice.core.admin.AdminModel}, and every path stands in {@link
 * io.sluice.core.admin.AdminRoutes}.
 *
 * <p>It has an event loop of its own, so that it answers while the data plane is busy. Every call
 * passes {@link io.sluice.core.admin.AdminGuard} first.
 */
@NullMarked
package io.sluice.core.admin;

import org.jspecify.annotations.NullMarked;
