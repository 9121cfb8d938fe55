package io.aerodb.functions.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import io.aerodb.functions.invocation.CompletedInvocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Endings as records on the outcome log: a CloudEvent whose value is one JSON object. */
public final class CompletionCodec {

    private static final String TYPE = "io.aerodb.functions.outcome";

    private static final ObjectReader READER = Json.MAPPER.readerFor(CompletedInvocation.class);

    private CompletionCodec() {}

    public static ProducerRecord<byte[], byte[]> encode(CompletedInvocation completed) {
        try {
            var id = completed.id().toString();
            var record = new ProducerRecord<>(Topics.INVOCATIONS, id.getBytes(StandardCharsets.US_ASCII), Json.MAPPER.writeValueAsBytes(completed));
            Attributes.event(TYPE, "/worker", id, completed.finishedAt())
                    .contentType("application/json")
                    .writeTo(record.headers());
            return record;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an ending can always be written", e);
        }
    }

    public static CompletedInvocation decode(ConsumerRecord<byte[], byte[]> record) throws UnreadableRecordException {
        if (record.value() == null) {
            throw new UnreadableRecordException("no value");
        }
        try {
            Object completed = READER.readValue(record.value());
            if (!(completed instanceof CompletedInvocation ending) || isIncomplete(ending)) {
                throw new UnreadableRecordException("a member is missing");
            }
            return ending;
        } catch (IOException | RuntimeException e) {
            throw new UnreadableRecordException("not an ending in JSON");
        }
    }

    /** What is written by others may lack anything. */
    private static boolean isIncomplete(CompletedInvocation ending) {
        return Stream.of(ending.id(), ending.functionId(), ending.function(), ending.trigger(), ending.status(), ending.role(),
                ending.acceptedAt(), ending.finishedAt(), ending.request(), ending.worker()).anyMatch(Objects::isNull)
                || Objects.isNull(ending.request().topic());
    }
}
