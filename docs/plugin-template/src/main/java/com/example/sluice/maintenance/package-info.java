/**
 * Answers chosen paths with a maintenance page. Start reading at {@link
 * com.example.sluice.maintenance.MaintenanceFactory}.
 */
@NullMarked
package com.example.sluice.maintenance;

import org.jspecify.annotations.NullMarked;
