package io.aerodb.functions.scheduler.schedule;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done about a schedule now.
 *
 * @param fires in order; what is due beyond them is still due afterwards
 * @param settledUntil fire times up to this one will then have been dealt with
 * @param dueAt when there is something to do next; null if it never fires again
 * @param missedAt when that will have been missed; null if it never fires again
 * @param hasDropped whether some were missed and are not made up for
 */
record FirePlan(List<Instant> fires, Instant settledUntil, @Nullable Instant dueAt, @Nullable Instant missedAt, boolean hasDropped) {}
