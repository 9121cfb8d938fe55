package io.aerodb.functions.scheduler.schedule;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationEntry;
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

    /** Of one schedule at once, so that one that is far behind leaves room for others. What is due beyond them has its turn in a later batch. */
    private static final int MOST_OF_ONE = 20;

    private final String scheduler;
    private final Sends sends;
    private final RequestCodec codec;
    private final Instant now;
    private final List<InvocationRequest> requests = new ArrayList<>();
    private final List<Planned> planned = new ArrayList<>();
    private int skipped;
    private int dropped;

    /** @param invocations of the fires, in their order */
    private record Planned(DueSchedule due, Schedule schedule, FirePlan plan, List<Instant> fires, List<UUID> invocations, Instant overBy) {}

    /**
     * @param scheduler this instance's name
     * @param now to the microsecond
     */
    FireBatch(String scheduler, Sends sends, RequestCodec codec, Instant now) {
        this.scheduler = scheduler;
        this.sends = sends;
        this.codec = codec;
        this.now = now;
    }

    /** Requests so far. */
    int size() {
        return requests.size();
    }

    /** Fires that did not take place because the one before was under way. */
    int skipped() {
        return skipped;
    }

    /** Schedules that do not make up for everything they missed. */
    int dropped() {
        return dropped;
    }

    void add(DueSchedule due, Schedule schedule) {
        var plan = due.enabled() ? schedule.plan(due.settledUntil(), now, MOST_OF_ONE) : schedule.rest(due.settledUntil(), now);
        var fires = fires(due, schedule, plan);
        var deadline = now.plus(due.maxAge()).truncatedTo(ChronoUnit.MILLIS);
        var overBy = deadline.plus(Limits.MAX_TIMEOUT); // an attempt may start until the deadline
        var invocations = fires.stream().map(fire -> send(due, schedule, fire, deadline)).toList();
        planned.add(new Planned(due, schedule, plan, fires, invocations, overBy));
        skipped += plan.fires().size() - fires.size();
        dropped += plan.hasDropped() ? 1 : 0;
    }

    /** Waits for Kafka, and lets what it has be seen, and cancelled, from then on. @return the schedules all of whose fires it has */
    List<Fired> awaitTaken() {
        var taken = sends.awaitTaken();
        for (var request : requests) {
            var position = taken.get(request.id().value());
            if (position != null) {
                sends.tell(InvocationEntry.accepted(request, position, scheduler));
            }
        }
        return planned.stream().filter(each -> each.invocations().stream().allMatch(taken::containsKey)).map(this::fired).toList();
    }

    /** Schedules of which Kafka has refused a fire; they have to wait. To be asked when all have been waited for. */
    List<DueSchedule> refused() {
        return planned.stream().filter(each -> each.invocations().stream().anyMatch(sends.refused()::containsKey)).map(Planned::due).toList();
    }

    /** @param late how long each of its fires had been due at the moment of this batch */
    record Fired(SettledSchedule settled, List<Duration> late) {}

    private Fired fired(Planned each) {
        var settled = new SettledSchedule(each.due().id(), each.plan().settledUntil(), each.plan().dueAt(), each.plan().missedAt(), last(each));
        return new Fired(settled, each.fires().stream().map(fire -> Duration.between(each.schedule().dueAt(fire), now)).toList());
    }

    private @Nullable LastFire last(Planned each) {
        return each.schedule().trigger().overlap() == Overlap.SKIP && !each.fires().isEmpty()
                ? new LastFire(each.invocations().getLast(), now, each.overBy())
                : null;
    }

    /** The first fire of several is the one that the others would overlap. */
    private static List<Instant> fires(DueSchedule due, Schedule schedule, FirePlan plan) {
        if (schedule.trigger().overlap() != Overlap.SKIP || plan.fires().isEmpty()) {
            return plan.fires();
        }
        return due.previousIsOver() ? List.of(plan.fires().getFirst()) : List.of();
    }

    private UUID send(DueSchedule due, Schedule schedule, Instant fire, Instant deadline) {
        var invocation = schedule.invocation(fire);
        var request = new InvocationRequest(invocation, TriggerType.SCHEDULE, due.function(), 1, now, deadline, Identity.SERVICE, null, null, null,
                payload(schedule, fire));
        sends.send(invocation.value(), codec.encode(Topics.EVENTS, key(due, schedule), request));
        requests.add(request);
        return invocation.value();
    }

    /** What has the same key runs one after another. */
    private static byte @Nullable [] key(DueSchedule due, Schedule schedule) {
        return schedule.trigger().overlap() == Overlap.QUEUE ? due.firesAs().toString().getBytes(StandardCharsets.US_ASCII) : null;
    }

    private byte[] payload(Schedule schedule, Instant fire) {
        return JsonNodeFactory.instance.objectNode()
                .put("timestamp", now.toString())
                .put("schedule", schedule.trigger().cron())
                .put("scheduled_for", fire.toString())
                .toString().getBytes(StandardCharsets.UTF_8);
    }
}
