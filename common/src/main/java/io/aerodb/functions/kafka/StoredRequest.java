package io.aerodb.functions.kafka;

import io.aerodb.functions.invocation.InvocationRequest;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** What became of a request that was put on the log before. */
public sealed interface StoredRequest {

    /** @param key what orders it among others; null for any order */
    record Readable(InvocationRequest request, byte @Nullable [] key) implements StoredRequest {}

    /** @param reason why it cannot be read any more, as the end of a sentence */
    record Gone(String reason) implements StoredRequest {}

    /**
     * @param invocation whose request it should be
     * @param record what stands where it was put; empty if nothing does
     */
    static StoredRequest of(UUID invocation, Optional<ConsumerRecord<byte[], byte[]>> record, RequestCodec codec) {
        if (record.isEmpty()) {
            return new Gone("retention has removed it");
        }
        try {
            var request = codec.decode(record.get());
            return request.id().value().equals(invocation)
                    ? new Readable(request, record.get().key())
                    : new Gone("another record stands in its place"); // the topic was made anew
        } catch (UnreadableRecordException e) {
            return new Gone("it cannot be read: " + e.getMessage());
        }
    }
}
