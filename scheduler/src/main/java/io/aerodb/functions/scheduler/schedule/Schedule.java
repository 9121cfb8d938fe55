package io.aerodb.functions.scheduler.schedule;

import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.trigger.FireTimes;
import io.aerodb.functions.trigger.ScheduleTrigger;
import io.aerodb.functions.trigger.ScheduleTrigger.Misfire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A schedule of one function. Knows when it fires and what is made up for; immutable. */
final class Schedule {

    private final UUID id;
    private final ScheduleTrigger trigger;
    private final FireTimes times;

    /**
     * @param id what its fires are named by
     * @throws IllegalArgumentException if the cron expression is not understood
     */
    Schedule(UUID id, ScheduleTrigger trigger) {
        this.id = id;
        this.trigger = trigger;
        this.times = FireTimes.of(trigger);
    }

    ScheduleTrigger trigger() {
        return trigger;
    }

    /** The same for the same fire time, whoever fires it and however often. */
    InvocationId invocation(Instant fire) {
        return InvocationId.named(id, fire.toString());
    }

    /** Later than the fire time by its share of the jitter, which is always the same. */
    Instant dueAt(Instant fire) {
        if (trigger.jitter().isZero()) {
            return fire;
        }
        var random = InvocationId.named(id, "jitter", fire.toString()).value().getLeastSignificantBits();
        return fire.plusMillis(Math.floorMod(random, trigger.jitter().toMillis() + 1));
    }

    /** Fires nothing, and is not going to make up for it. */
    FirePlan rest(Instant settledUntil, Instant now) {
        var settled = settledUntil.isAfter(now) ? settledUntil : now;
        return plan(List.of(), settled, times.next(settled), false);
    }

    /** @param most fires at once, from 1 */
    FirePlan plan(Instant settledUntil, Instant now, int most) {
        var fires = new ArrayList<Instant>();
        var settled = settledUntil;
        var dropped = false;
        var missedUntil = now.minus(grace());
        var next = times.next(settled);
        if (next.isPresent() && !next.get().isAfter(missedUntil)) {
            var madeUpFor = madeUpFor(next.get(), missedUntil, now);
            dropped = !madeUpFor.contains(next.get());
            madeUpFor.stream().limit(most).forEach(fires::add);
            settled = fires.size() < madeUpFor.size() ? fires.getLast() : missedUntil;
            next = times.next(settled);
        }
        while (fires.size() < most && next.isPresent() && !dueAt(next.get()).isAfter(now)) {
            settled = next.get();
            fires.add(settled);
            next = times.next(settled);
        }
        return plan(fires, settled, next, dropped);
    }

    private FirePlan plan(List<Instant> fires, Instant settled, Optional<Instant> next, boolean dropped) {
        return new FirePlan(fires, settled, next.map(this::dueAt).orElse(null), next.map(fire -> fire.plus(grace())).orElse(null), dropped);
    }

    /** How much later than its fire time a fire has been missed. */
    private Duration grace() {
        return trigger.jitter().plus(trigger.misfireTolerance());
    }

    private Collection<Instant> madeUpFor(Instant first, Instant missedUntil, Instant now) {
        return switch (trigger.misfire()) {
            case NONE -> List.of();
            case LATEST -> times.next(missedUntil).filter(following -> !dueAt(following).isAfter(now)).isPresent()
                    ? List.of()
                    : MissedFires.newest(times, first, missedUntil, 1);
            case ALL -> MissedFires.newest(times, first, missedUntil, Misfire.MAX_MADE_UP_FOR);
        };
    }
}
