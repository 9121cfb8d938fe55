package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.gateway.lane.RecordReaders;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.StoredRequest.Readable;
import io.aerodb.functions.kafka.StoredRequest;
import java.util.Optional;

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

    /**
     * Blocks.
     *
     * @return empty if no copy of it can be read any more
     * @throws io.aerodb.functions.lifecycle.UnavailableException if Kafka or PostgreSQL is away
     */
    Optional<Readable> read(InvocationEntry entry) {
        var id = new InvocationId(entry.id());
        return read(id, entry.request()).or(() -> deadLetters.find(id).flatMap(letter -> read(id, letter.position())));
    }

    /** It may be sealed under a key that is no longer held, or the letter too large to hold its request. */
    private Optional<Readable> read(InvocationId id, RecordPosition position) {
        return StoredRequest.of(id.value(), readers.read(position), codec) instanceof Readable readable ? Optional.of(readable) : Optional.empty();
    }
}
