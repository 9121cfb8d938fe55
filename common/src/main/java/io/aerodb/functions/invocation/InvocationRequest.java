package io.aerodb.functions.invocation;

import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.telemetry.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request to run a function: an immutable record on the log.
 *
 * @param function exactly what to run
 * @param attempt counted from 1
 * @param acceptedAt when we took responsibility for it, to the microsecond
 * @param deadline after this nobody waits any more, so it is not run; to the millisecond
 * @param identity on whose behalf it runs
 * @param replyTo where the caller waits; null where nobody does
 * @param claimed whether it may only be run by a worker that has claimed it, because it must not run twice even if it stands twice on
 *     the log; requests on the events lane are claimed in any case
 * @param lineage what it goes back to
 * @param trace what it belongs to: the span that put it on the log, or the caller's; of a replay the one it goes back to. Or null
 * @param http the call behind it; null for other triggers
 * @param payload what the function reads as its input, byte for byte
 */
public record InvocationRequest(
        InvocationId id,
        TriggerType trigger,
        VersionRef function,
        int attempt,
        Instant acceptedAt,
        Instant deadline,
        Identity identity,
        @Nullable ReplyAddress replyTo,
        boolean claimed,
        Lineage lineage,
        @Nullable TraceContext trace,
        @Nullable HttpCall http,
        byte[] payload) {

    /** One that goes back to nothing and needs no claim. */
    public InvocationRequest(InvocationId id, TriggerType trigger, VersionRef function, int attempt, Instant acceptedAt, Instant deadline,
            Identity identity, @Nullable ReplyAddress replyTo, @Nullable TraceContext trace, @Nullable HttpCall http, byte[] payload) {
        this(id, trigger, function, attempt, acceptedAt, deadline, identity, replyTo, false, Lineage.NONE, trace, http, payload);
    }

    /** The partition of the replies topic that the waiting gateway reads. */
    public record ReplyAddress(String topic, int partition) {}

    public Optional<ReplyAddress> replyAddress() {
        return Optional.ofNullable(replyTo);
    }

    /**
     * Until when it may be tried where nobody waits for it: so long after its acceptance, or later if its start was put off.
     *
     * @param maxAge what the function's configuration allows
     */
    public Instant triedUntil(Duration maxAge) {
        var byAge = acceptedAt.plus(maxAge);
        return deadline.isAfter(byAge) ? deadline : byAge;
    }

    /** The same request, to be tried once more. */
    public InvocationRequest forAttempt(int number, Instant newDeadline) {
        return new InvocationRequest(id, trigger, function, number, acceptedAt, newDeadline, identity, null, claimed, lineage, trace, http,
                payload);
    }

    /** The same request as its claim was granted: for another attempt, perhaps, or the repeat of one that was accepted before. */
    public InvocationRequest claimedAs(int number, Instant firstAcceptedAt) {
        return new InvocationRequest(id, trigger, function, number, firstAcceptedAt, deadline, identity, replyTo, claimed, lineage, trace,
                http, payload);
    }

    /** The same request with a deadline that is no later than this. */
    public InvocationRequest endingBy(Instant latest) {
        return deadline.isAfter(latest)
                ? new InvocationRequest(id, trigger, function, attempt, acceptedAt, latest, identity, replyTo, claimed, lineage, trace,
                        http, payload)
                : this;
    }

    /** The same request as a part of another trace, or of none. */
    public InvocationRequest within(@Nullable TraceContext other) {
        return Objects.equals(trace, other)
                ? this
                : new InvocationRequest(id, trigger, function, attempt, acceptedAt, deadline, identity, replyTo, claimed, lineage, other, http, payload);
    }

    /** For what is only told of it: payloads are large. */
    public InvocationRequest withoutPayload() {
        return new InvocationRequest(id, trigger, function, attempt, acceptedAt, deadline, identity, replyTo, claimed, lineage, trace, http,
                new byte[0]);
    }

    /** Leaves payload and headers out: they belong to the caller. */
    @Override
    public String toString() {
        return "InvocationRequest[" + id + ", " + function.name() + "@" + function.version() + ", " + trigger.label()
                + ", attempt=" + attempt + ", " + payload.length + " bytes]";
    }
}
