/** Schedules whose time has come: from {@code schedules} to the events lane. */
@NullMarked
package io.aerodb.functions.scheduler.schedule;

import org.jspecify.annotations.NullMarked;
