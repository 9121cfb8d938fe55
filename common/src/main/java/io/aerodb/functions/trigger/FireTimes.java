package io.aerodb.functions.trigger;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * When a schedule fires. Where the clock is set forward, what falls into the gap fires once, at its end. Where it is set back, what
 * falls into the hour that comes twice fires the first time only; a cron expression that leaves out no hour of the day fires both
 * times. Immutable and thread-safe.
 */
public final class FireTimes {

    private final CronExpression cron;
    private final ZoneRules rules;
    private final Instant start;
    private final Instant end;

    private FireTimes(CronExpression cron, ZoneRules rules, Instant start, Instant end) {
        this.cron = cron;
        this.rules = rules;
        this.start = start;
        this.end = end;
    }

    /** @throws IllegalArgumentException saying what is wrong with the cron expression, as the end of a sentence */
    public static FireTimes of(ScheduleTrigger trigger) {
        return new FireTimes(CronExpression.parse(trigger.cron()), trigger.timezone().getRules(),
                trigger.start() == null ? Instant.EPOCH : trigger.start(), trigger.end() == null ? Instant.MAX : trigger.end());
    }

    /** The first time after this one at which it fires; empty if it never does again. */
    public Optional<Instant> next(Instant after) {
        return onWallClock(after.isBefore(start) ? start.minusNanos(1) : after).filter(end::isAfter);
    }

    /** The first times after this one, in order: so many, or fewer if there are no more. */
    public List<Instant> next(Instant after, int count) {
        var times = new ArrayList<Instant>();
        for (var time = next(after); time.isPresent() && times.size() < count; time = next(time.get())) {
            times.add(time.get());
        }
        return times;
    }

    private Optional<Instant> onWallClock(Instant after) {
        var offset = rules.getOffset(after);
        var match = cron.next(firstLook(after, offset));
        var since = after;
        while (match.isPresent()) {
            var wanted = match.get();
            var transition = rules.nextTransition(since);
            if (transition == null || wanted.isBefore(transition.getDateTimeBefore())) {
                return Optional.of(wanted.toInstant(offset));
            }
            if (transition.isGap() && wanted.isBefore(transition.getDateTimeAfter())) {
                return Optional.of(transition.getInstant());
            }
            if (comesTwice(transition)) {
                match = cron.next(transition.getDateTimeAfter().minusSeconds(1));
            }
            offset = transition.getOffsetAfter();
            since = transition.getInstant();
        }
        return Optional.empty();
    }

    /** Just before what is to be looked at: in an hour that has come for the second time, perhaps nothing. */
    private LocalDateTime firstLook(Instant after, ZoneOffset offset) {
        var local = LocalDateTime.ofInstant(after, offset);
        var last = rules.previousTransition(after.plusNanos(1));
        return last != null && last.isOverlap() && local.isBefore(last.getDateTimeBefore()) && !cron.isEveryHour()
                ? last.getDateTimeBefore().minusSeconds(1)
                : local.truncatedTo(ChronoUnit.SECONDS);
    }

    private boolean comesTwice(ZoneOffsetTransition transition) {
        return transition.isOverlap() && cron.isEveryHour();
    }
}
