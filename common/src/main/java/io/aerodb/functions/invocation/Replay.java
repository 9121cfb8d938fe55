package io.aerodb.functions.invocation;

import io.aerodb.functions.function.VersionRef;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Running a request again as another invocation, whoever asks for it. */
public final class Replay {

    private Replay() {}

    /**
     * The request of the new invocation, for the events lane: with the original's caller, call and payload, but without its reply
     * address, since nobody of then is there any more. Its trace is the one it goes back to.
     *
     * @param function what to run: the original's version or another one
     * @param id of the new invocation; the same for the same replay, however often that is sent
     * @param now when the replay was asked for, or its turn came
     * @param maxAge until when it may be tried, from {@code now}
     */
    public static InvocationRequest of(InvocationRequest original, VersionRef function, InvocationId id, Instant now, Duration maxAge) {
        return new InvocationRequest(id, original.trigger(), function, 1, now.truncatedTo(ChronoUnit.MICROS),
                now.plus(maxAge).truncatedTo(ChronoUnit.MILLIS), original.identity(), null, true, Lineage.replayOf(original.id()),
                original.trace(), original.http(), original.payload());
    }
}
