package io.aerodb.functions.scheduler.batch;

import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.RecordReader;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.UnreadableRecordException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Requests that are on the log already, read again. */
public final class StoredRequests {

    private final RecordReader reader;
    private final RequestCodec codec;

    public StoredRequests(RecordReader reader, RequestCodec codec) {
        this.reader = reader;
        this.codec = codec;
    }

    /** Told what became of each request. */
    public interface Found {

        /** @param key of its record */
        void readable(UUID invocation, InvocationRequest request, byte @Nullable [] key);

        /** @param reason why it cannot be read any more, as the end of a sentence */
        void gone(UUID invocation, String reason);
    }

    /**
     * Tells of one request after another; of some possibly not, because they could not be got at in time.
     *
     * @param wanted invocations by where their requests stand
     * @throws io.aerodb.functions.lifecycle.UnavailableException if Kafka is away; some may have been told of before
     */
    public void read(Map<RecordPosition, UUID> wanted, Found found) {
        reader.readAll(wanted.keySet(), (position, record) -> tell(wanted.get(position), record, found));
    }

    private void tell(UUID invocation, Optional<ConsumerRecord<byte[], byte[]>> record, Found found) {
        if (record.isEmpty()) {
            found.gone(invocation, "retention has removed it");
            return;
        }
        InvocationRequest request;
        try {
            request = codec.decode(record.get());
        } catch (UnreadableRecordException e) {
            found.gone(invocation, "it cannot be read: " + e.getMessage());
            return;
        }
        if (request.id().value().equals(invocation)) {
            found.readable(invocation, request, record.get().key());
        } else {
            found.gone(invocation, "another record stands in its place"); // the topic was made anew
        }
    }
}
