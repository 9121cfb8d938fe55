package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.gateway.lane.RecordReaders;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.kafka.UnreadableRecordException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The requests behind invocations: on the log where their rows say, or else among the dead letters, which are kept for longer. */
final class RecordedRequests {

    private final RecordReaders readers;
    private final RequestCodec codec;
    private final DeadLetterList deadLetters;

    RecordedRequests(RecordReaders readers, RecordKeys keys, DeadLetterList deadLetters) {
        this.readers = readers;
        this.codec = new RequestCodec(keys, "/gateway");
        this.deadLetters = deadLetters;
    }

    /** @param key what orders it among others; null for any order */
    record Recorded(InvocationRequest request, byte @Nullable [] key) {}

    /**
     * Blocks.
     *
     * @return empty if no copy of it can be read any more
     * @throws io.aerodb.functions.lifecycle.UnavailableException if Kafka or PostgreSQL is away
     */
    Optional<Recorded> read(InvocationEntry entry) {
        var id = new InvocationId(entry.id());
        return read(id, entry.request()).or(() -> deadLetters.find(id).flatMap(letter -> read(id, letter.position())));
    }

    private Optional<Recorded> read(InvocationId id, RecordPosition position) {
        return readers.read(position).flatMap(record -> {
            try {
                return Optional.of(new Recorded(codec.decode(record), position.topic().equals(Topics.INVOKE) ? null : record.key()))
                        .filter(recorded -> recorded.request().id().equals(id));
            } catch (UnreadableRecordException e) {
                return Optional.empty(); // sealed under a key that is no longer held, or a letter too large to hold its request
            }
        });
    }
}
