package io.aerodb.functions.scheduler.batch;

import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.RecordReader;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.StoredRequest;
import java.util.Map;
import java.util.UUID;

/** Requests that are on the log already, read again, many at once. */
public final class StoredRequests {

    private final RecordReader reader;
    private final RequestCodec codec;

    public StoredRequests(RecordReader reader, RequestCodec codec) {
        this.reader = reader;
        this.codec = codec;
    }

    /** Told what became of each request. */
    public interface Found {
        void found(UUID invocation, StoredRequest request);
    }

    /**
     * Tells of one request after another; of some possibly not, because they could not be got at in time.
     *
     * @param wanted invocations by where their requests stand
     * @throws io.aerodb.functions.lifecycle.UnavailableException if Kafka is away; some may have been told of before
     */
    public void read(Map<RecordPosition, UUID> wanted, Found found) {
        reader.readAll(wanted.keySet(), (position, record) -> {
            var invocation = wanted.get(position);
            found.found(invocation, StoredRequest.of(invocation, record, codec));
        });
    }
}
