package io.sluice.plugin.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Waits on purpose, on the thread of a test. */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
@interface MayBlock {}
