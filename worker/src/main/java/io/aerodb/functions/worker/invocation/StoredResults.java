package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.Claim.Over;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Rejection;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.ReplyCodec;
import io.aerodb.functions.kafka.UnreadableRecordException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was answered when an invocation ended, to be answered once more. Thread-safe. */
public final class StoredResults {

    private static final Logger LOG = LoggerFactory.getLogger(StoredResults.class);
    private static final byte[] NONE = new byte[0];

    private final Function<RecordPosition, Optional<ConsumerRecord<byte[], byte[]>>> records;

    /** @param records reads one record from the log, empty if it is gone */
    public StoredResults(Function<RecordPosition, Optional<ConsumerRecord<byte[], byte[]>>> records) {
        this.records = records;
    }

    /**
     * Where the output is not kept, or not any more, this is how it ended without it.
     *
     * @throws io.aerodb.functions.lifecycle.UnavailableException if Kafka is away
     */
    Reply of(InvocationId id, Over over) {
        return Optional.ofNullable(over.result()).flatMap(records).flatMap(record -> decoded(id, record))
                .orElseGet(() -> new Reply(id, over.version(), Duration.ZERO, Duration.ZERO, withoutOutput(over)));
    }

    private static Optional<Reply> decoded(InvocationId id, ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(ReplyCodec.decode(record)).filter(reply -> reply.id().equals(id));
        } catch (UnreadableRecordException e) {
            LOG.atWarn().addKeyValue("topic", record.topic()).addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset()).log("cannot read a stored reply: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static Outcome withoutOutput(Over over) {
        var message = Objects.requireNonNullElse(over.error(), "");
        return switch (over.status()) {
            case SUCCEEDED -> new Outcome.Succeeded(NONE);
            case EXPIRED -> new Outcome.Expired(message);
            case ACCEPTED, RUNNING, SCHEDULED, FAILED, TIMED_OUT, MEMORY_EXCEEDED, REJECTED, CANCELLED, DEAD_LETTERED, REPLAYED ->
                    failures(message).filter(outcome -> outcome.code().equals(over.code())).findFirst()
                            .orElseGet(() -> new Outcome.Rejected(Rejection.UNAVAILABLE, message));
        };
    }

    private static Stream<Outcome> failures(String message) {
        return Stream.of(
                Arrays.stream(Failure.values()).map(failure -> new Outcome.Failed(failure, message, NONE)),
                Arrays.stream(Rejection.values()).map(reason -> new Outcome.Rejected(reason, message)),
                Stream.of(new Outcome.TimedOut(message), new Outcome.MemoryExceeded(message))).flatMap(outcomes -> outcomes);
    }
}
