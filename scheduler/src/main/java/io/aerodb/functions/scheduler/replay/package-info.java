/** Bulk replays: many invocations run again, at a pace. */
@NullMarked
package io.aerodb.functions.scheduler.replay;

import org.jspecify.annotations.NullMarked;
