package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.Claim.Over;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Rejection;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.ReplyCodec;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What was answered when an invocation ended, to be answered once more. Thread-safe. */
public final class StoredResults {

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
        return Optional.ofNullable(over.result()).flatMap(records).flatMap(record -> ReplyCodec.decodeOf(id, record))
                .orElseGet(() -> new Reply(id, over.version(), Duration.ZERO, Duration.ZERO, withoutOutput(over)));
    }

    private static Outcome withoutOutput(Over over) {
        var message = Objects.requireNonNullElse(over.error(), "");
        return Outcome.of(over.status(), Objects.requireNonNullElse(over.code(), ""), message, NONE)
                .orElseGet(() -> new Outcome.Rejected(Rejection.UNAVAILABLE, message));
    }
}
