package io.aerodb.functions.gateway.idempotency;

import io.aerodb.functions.gateway.outcome.StoredInvocation;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.InvocationRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** Decides what a request under a key is: the first of its kind, or a repeat, and then of what. */
public final class IdempotentStart {

    private static final Duration PUBLISHED_WITHIN = Duration.ofSeconds(10);

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
     * @param id of its invocation if it is the first
     * @param doubtedAfter when a repeat that finds no trace of it may take it for lost
     */
    public record Candidate(byte[] key, byte[] requestHash, InvocationId id, Instant acceptedAt, Instant doubtedAfter) {

        /** One that goes to the log right after its key to the database: if it is not there soon, it was lost in between. */
        public static Candidate published(byte[] key, byte[] requestHash, InvocationId id, Instant acceptedAt) {
            return new Candidate(key, requestHash, id, acceptedAt, acceptedAt.plus(PUBLISHED_WITHIN));
        }
    }

    /** What is to be done with it. */
    public sealed interface Step {

        /** Put it on the log. It has the id of the first request if that may have been lost on its way; its claim keeps the two one. */
        record Run(InvocationId id, Instant acceptedAt) implements Step {

            /** The request as it goes on the log. */
            public InvocationRequest of(InvocationRequest request) {
                return new InvocationRequest(id, request.trigger(), request.function(), request.attempt(), acceptedAt, request.deadline(),
                        request.identity(), request.replyTo(), request.claimed(), request.lineage(), request.trace(), request.http(),
                        request.payload());
            }
        }

        /** Another request has used the key before. */
        record KeyReused() implements Step {}

        /** The first request is on its way, or was lost on it: nothing has been heard of it so far. */
        record Unheard(InvocationId id) implements Step {}

        /** The first request is on the log, and may have ended. */
        record Recorded(StoredInvocation first) implements Step {}
    }

    /** Blocks. @throws io.aerodb.functions.lifecycle.UnavailableException while PostgreSQL is away: then nothing has been decided */
    public Step decide(Candidate candidate) {
        var wanted = new IdempotencyKeys.Holding(candidate.requestHash(), candidate.id(), candidate.acceptedAt(), candidate.doubtedAfter());
        var held = keys.hold(candidate.key(), wanted);
        if (held.invocation().equals(candidate.id())) {
            return new Step.Run(candidate.id(), candidate.acceptedAt());
        }
        if (!Arrays.equals(held.requestHash(), candidate.requestHash())) {
            return new Step.KeyReused();
        }
        var first = StoredInvocation.find(log, held.invocation());
        if (first.filter(this::neverRan).isPresent()) {
            return keys.replace(candidate.key(), held, wanted)
                    ? new Step.Run(candidate.id(), candidate.acceptedAt())
                    : decide(candidate); // somebody else was faster
        }
        if (first.isPresent()) {
            return new Step.Recorded(first.get());
        }
        if (clock.instant().isAfter(held.deadline()) && keys.renew(candidate.key(), held, candidate.doubtedAfter())) {
            return new Step.Run(held.invocation(), held.acceptedAt());
        }
        return new Step.Unheard(held.invocation());
    }

    /** A worker that could not ask for it has told its end, perhaps, while another one has it. */
    private boolean neverRan(StoredInvocation first) {
        return first.neverRan() && !keys.isClaimedByOther(first.id(), first.entry().worker());
    }

    /**
     * It did not get to the log, as far as is known: the next repeat need not wait to put it there. Blocks.
     *
     * @return whether the key stands for it
     */
    public boolean withdraw(Candidate candidate, InvocationId id) {
        return keys.doubt(candidate.key(), id);
    }
}
