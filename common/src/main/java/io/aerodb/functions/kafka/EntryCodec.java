package io.aerodb.functions.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.RecordPosition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Entries as records on the outcome log: a CloudEvent whose value is one JSON object. */
public final class EntryCodec {

    private static final String TYPE = "io.aerodb.functions.outcome";

    /** PostgreSQL's timestamps end before Java's do. */
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private static final ObjectReader READER = Json.MAPPER.readerFor(InvocationEntry.class);

    private EntryCodec() {}

    public static ProducerRecord<byte[], byte[]> encode(InvocationEntry entry) {
        try {
            var id = entry.id().toString();
            var record = new ProducerRecord<>(Topics.INVOCATIONS, id.getBytes(StandardCharsets.US_ASCII), Json.MAPPER.writeValueAsBytes(entry));
            Attributes.event(TYPE, "/" + entry.worker(), id, Objects.requireNonNullElse(entry.finishedAt(), entry.acceptedAt()))
                    .contentType("application/json")
                    .writeTo(record.headers());
            return record;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an entry can always be written", e);
        }
    }

    public static InvocationEntry decode(ConsumerRecord<byte[], byte[]> record) throws UnreadableRecordException {
        if (record.value() == null) {
            throw new UnreadableRecordException("no value");
        }
        try {
            Object read = READER.readValue(record.value());
            if (!(read instanceof InvocationEntry entry) || isIncomplete(entry)) {
                throw new UnreadableRecordException("a member is missing or wrong");
            }
            if (times(entry).anyMatch(time -> time.isBefore(EARLIEST) || time.isAfter(LATEST))) {
                throw new UnreadableRecordException("a time is out of range");
            }
            return entry;
        } catch (IOException | RuntimeException e) {
            throw new UnreadableRecordException("not an entry in JSON");
        }
    }

    /** What is written by others may lack anything. */
    private static boolean isIncomplete(InvocationEntry entry) {
        return Stream.of(entry.id(), entry.functionId(), entry.function(), entry.trigger(), entry.status(), entry.role(),
                entry.acceptedAt(), entry.request(), entry.worker()).anyMatch(Objects::isNull)
                || !exists(entry.request())
                || entry.result() != null && !exists(entry.result())
                || entry.log().stream().anyMatch(line -> Stream.of(line.level(), line.message()).anyMatch(Objects::isNull))
                || entry.status().equals(InvocationStatus.SCHEDULED.label()) && entry.retryAt() == null;
    }

    private static boolean exists(RecordPosition position) {
        return Objects.nonNull(position.topic()) && position.canExist();
    }

    private static Stream<Instant> times(InvocationEntry entry) {
        return Stream.of(entry.acceptedAt(), entry.startedAt(), entry.finishedAt(), entry.retryAt()).filter(Objects::nonNull);
    }
}
