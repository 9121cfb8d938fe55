package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.lane.RecordReaders;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.ReplyCodec;
import java.util.Objects;
import java.util.Optional;

/** The answers of invocations that have ended, as long as the log keeps their outputs. */
public final class StoredResults {

    private final RecordReaders readers;

    public StoredResults(RecordReaders readers) {
        this.readers = readers;
    }

    /**
     * What its caller was answered, or would have been. Blocks while the output is read.
     *
     * @param ended an invocation that has
     * @return a problem {@code result_gone} if it had an output that is no longer kept
     * @throws io.aerodb.functions.lifecycle.UnavailableException if Kafka is away
     */
    public InvocationAnswer answer(StoredInvocation ended) {
        return find(ended).orElseGet(() -> InvocationAnswer.ofProblem(ended.id(), withoutOutcome(ended)));
    }

    /** The same, but empty where there is no answer, or no longer. */
    Optional<InvocationAnswer> find(StoredInvocation ended) {
        return reply(ended).map(Reply::outcome).or(() -> outcome(ended.entry()))
                .map(outcome -> InvocationAnswer.of(ended.id(), ended.entry().function(), outcome));
    }

    private Optional<Reply> reply(StoredInvocation ended) {
        var position = ended.entry().result();
        if (position == null) {
            return Optional.empty();
        }
        return readers.read(position).flatMap(record -> ReplyCodec.decodeOf(ended.id(), record));
    }

    /** What the row alone tells: everything but an output. */
    private static Optional<Outcome> outcome(InvocationEntry entry) {
        var code = entry.code();
        if (code == null) {
            return Optional.empty();
        }
        var status = InvocationStatus.fromLabel(entry.status()).orElse(InvocationStatus.FAILED); // of a newer service
        return Outcome.of(status, code, Objects.requireNonNullElse(entry.error(), ""), new byte[0]);
    }

    private static Problem withoutOutcome(StoredInvocation ended) {
        var entry = ended.entry();
        var code = entry.code();
        if (ended.is(InvocationStatus.CANCELLED)) {
            return Problem.cancelled();
        }
        if (code == null) {
            return Problem.resultGone();
        }
        return code.equals(Problem.requestGone().code()) ? Problem.requestGone()
                : Problem.invocation(500, code, "The invocation did not succeed", Objects.requireNonNullElse(entry.error(), code));
    }
}
