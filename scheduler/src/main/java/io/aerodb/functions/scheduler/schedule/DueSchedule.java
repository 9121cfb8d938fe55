package io.aerodb.functions.scheduler.schedule;

import io.aerodb.functions.function.VersionRef;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * A row of {@code schedules} whose time has come.
 *
 * @param id of the trigger
 * @param firesAs what its fires are named by; stays the same when only its policies are changed
 * @param definition of the trigger, as JSON
 * @param settledUntil fire times up to this one have been dealt with
 * @param dueAt when it was to be looked at
 * @param function what it runs: the active version
 * @param maxAge how long its invocations may be tried
 * @param enabled whether the function is
 * @param previousIsOver whether no fire before can still be under way; always, where that does not matter
 */
record DueSchedule(
        UUID id,
        UUID firesAs,
        String definition,
        Instant settledUntil,
        Instant dueAt,
        VersionRef function,
        Duration maxAge,
        boolean enabled,
        boolean previousIsOver) {}
