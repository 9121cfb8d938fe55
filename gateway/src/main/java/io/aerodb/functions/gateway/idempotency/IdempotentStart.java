package io.aerodb.functions.gateway.idempotency;

import io.aerodb.functions.gateway.outcome.StoredInvocation;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.InvocationRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;

/** Decides what a request under a key is: the first of its kind, or a repeat, and then of what. */
public final class IdempotentStart {

    private final IdempotencyKeys keys;
    private final InvocationLog log;
    private final Clock clock;

    public IdempotentStart(IdempotencyKeys keys, InvocationLog log, Clock clock) {
        this.keys = keys;
        this.log = log;
        this.clock = clock;
    }

    /**
     * A request that may be a repeat.
     *
     * @param key names the caller's key among all keys
     * @param requestHash tells this request from others
     * @param request as it would be put on the log if it is the first
     * @param doubtedAfter when a repeat that finds no trace of it may take it for lost
     */
    public record Candidate(byte[] key, byte[] requestHash, InvocationRequest request, Instant doubtedAfter) {}

    /** What is to be done with it. */
    public sealed interface Step {

        /** Put this on the log. It has the id of the first request if that may have been lost on its way; its claim keeps the two one. */
        record Run(InvocationRequest request) implements Step {}

        /** Another request has used the key before. */
        record KeyReused() implements Step {}

        /** The first request is on its way. */
        record InProgress(InvocationId invocation) implements Step {}

        record Ended(StoredInvocation invocation) implements Step {}
    }

    /** Blocks. @throws io.aerodb.functions.lifecycle.UnavailableException while PostgreSQL is away: then nothing has been decided */
    public Step decide(Candidate candidate) {
        var request = candidate.request();
        var wanted = new IdempotencyKeys.Holding(candidate.requestHash(), request.id(), request.acceptedAt(), candidate.doubtedAfter());
        var held = keys.hold(candidate.key(), wanted);
        if (held.invocation().equals(request.id())) {
            return new Step.Run(request);
        }
        if (!Arrays.equals(held.requestHash(), candidate.requestHash())) {
            return new Step.KeyReused();
        }
        var first = StoredInvocation.find(log, held.invocation());
        if (first.filter(StoredInvocation::neverRan).isPresent()) {
            return keys.replace(candidate.key(), held, wanted) ? new Step.Run(request) : decide(candidate); // somebody else was faster
        }
        if (first.filter(StoredInvocation::hasEnded).isPresent()) {
            return new Step.Ended(first.get());
        }
        if (first.isEmpty() && clock.instant().isAfter(held.deadline()) && keys.renew(candidate.key(), held, candidate.doubtedAfter())) {
            return new Step.Run(again(request, held));
        }
        return new Step.InProgress(held.invocation());
    }

    /** The log did not take it: the next repeat need not wait to put it there. Blocks. */
    public void withdraw(Candidate candidate, InvocationRequest request) {
        keys.doubt(candidate.key(), request.id());
    }

    private static InvocationRequest again(InvocationRequest request, IdempotencyKeys.Holding held) {
        return new InvocationRequest(held.invocation(), request.trigger(), request.function(), request.attempt(), held.acceptedAt(),
                request.deadline(), request.identity(), request.replyTo(), request.claimed(), request.lineage(), request.traceparent(),
                request.http(), request.payload());
    }
}
