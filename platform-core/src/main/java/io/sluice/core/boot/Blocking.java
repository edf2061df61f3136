package io.sluice.core.boot;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Marks the executor for work that blocks. */
@Qualifier @Retention(RetentionPolicy.RUNTIME)
@interface Blocking {}
