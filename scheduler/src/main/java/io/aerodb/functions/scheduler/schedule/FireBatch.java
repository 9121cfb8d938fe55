package io.aerodb.functions.scheduler.schedule;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.scheduler.batch.Sends;
import io.aerodb.functions.scheduler.schedule.SettledSchedule.LastFire;
import io.aerodb.functions.trigger.ScheduleTrigger.Overlap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The fires of several schedules at one moment: sends their requests, and tells what is settled with that. For one thread. */
final class FireBatch {

    /** Of requests, beyond which no further schedule is taken up. */
    private static final int FULL = 2000;

    private final Sends sends;
    private final RequestCodec codec;
    private final Instant now;
    private final List<Planned> planned = new ArrayList<>();
    private int size;
    private int skipped;
    private int dropped;

    private record Planned(DueSchedule due, Schedule schedule, FirePlan plan, List<Instant> fires, Instant overBy) {}

    /** @param now to the microsecond */
    FireBatch(Sends sends, RequestCodec codec, Instant now) {
        this.sends = sends;
        this.codec = codec;
        this.now = now;
    }

    boolean isFull() {
        return size >= FULL;
    }

    /** Fires that did not take place because the one before was under way. */
    int skipped() {
        return skipped;
    }

    /** Schedules that do not make up for everything they missed. */
    int dropped() {
        return dropped;
    }

    /** @param maxAge how long after now its invocations may be tried */
    void add(DueSchedule due, Schedule schedule, Duration maxAge) {
        var plan = due.enabled() ? schedule.plan(due.settledUntil(), now) : schedule.rest(due.settledUntil(), now);
        var fires = fires(due, schedule, plan);
        var deadline = now.plus(maxAge).truncatedTo(ChronoUnit.MILLIS);
        var overBy = deadline.plus(Limits.MAX_TIMEOUT); // an attempt may start until the deadline
        fires.forEach(fire -> send(due, schedule, fire, deadline));
        planned.add(new Planned(due, schedule, plan, fires, overBy));
        size += fires.size();
        skipped += plan.fires().size() - fires.size();
        dropped += plan.hasDropped() ? 1 : 0;
    }

    /** Waits for Kafka. @return the schedules all of whose fires it has */
    List<Fired> awaitTaken() {
        var taken = sends.awaitTaken().keySet();
        return planned.stream()
                .filter(each -> each.fires().stream().allMatch(fire -> taken.contains(each.schedule().invocation(fire).value())))
                .map(this::fired)
                .toList();
    }

    /** @param late how long each of its fires had been due at the moment of this batch */
    record Fired(SettledSchedule settled, List<Duration> late) {}

    private Fired fired(Planned each) {
        var settled = new SettledSchedule(each.due().id(), each.plan().settledUntil(), each.plan().dueAt(), last(each));
        return new Fired(settled, each.fires().stream().map(fire -> Duration.between(each.schedule().dueAt(fire), now)).toList());
    }

    private @Nullable LastFire last(Planned each) {
        return each.schedule().trigger().overlap() == Overlap.SKIP && !each.fires().isEmpty()
                ? new LastFire(each.schedule().invocation(each.fires().getLast()).value(), now, each.overBy())
                : null;
    }

    /** The first fire of several is the one that the others would overlap. */
    private static List<Instant> fires(DueSchedule due, Schedule schedule, FirePlan plan) {
        if (schedule.trigger().overlap() != Overlap.SKIP || plan.fires().isEmpty()) {
            return plan.fires();
        }
        return due.previousIsOver() ? List.of(plan.fires().getFirst()) : List.of();
    }

    private void send(DueSchedule due, Schedule schedule, Instant fire, Instant deadline) {
        var invocation = schedule.invocation(fire);
        var request = new InvocationRequest(invocation, TriggerType.SCHEDULE, due.function(), 1, now, deadline, Identity.SERVICE, null, null, null,
                payload(schedule, fire));
        sends.send(invocation.value(), codec.encode(Topics.EVENTS, key(due.id(), schedule), request));
    }

    /** What has the same key runs one after another. */
    private static byte @Nullable [] key(UUID schedule, Schedule each) {
        return each.trigger().overlap() == Overlap.QUEUE ? schedule.toString().getBytes(StandardCharsets.US_ASCII) : null;
    }

    private byte[] payload(Schedule schedule, Instant fire) {
        return JsonNodeFactory.instance.objectNode()
                .put("timestamp", now.toString())
                .put("schedule", schedule.trigger().cron())
                .put("scheduled_for", fire.toString())
                .toString().getBytes(StandardCharsets.UTF_8);
    }
}
