package io.aerodb.functions.kafka;

import io.aerodb.functions.invocation.DeadLetter;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.RecordPosition;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Records that cannot be processed, kept as they were, with the reason and where they stood in headers of their own. */
public final class DeadLetters {

    private static final String REASON = "aerofn_reason";
    private static final String TOPIC = "aerofn_topic";
    private static final String PARTITION = "aerofn_partition";
    private static final String OFFSET = "aerofn_offset";
    private static final String ATTEMPTS = "aerofn_attempts";
    private static final String INVOCATION = "aerofn_invocation";
    private static final String ACCEPTED_AT = "aerofn_accepted";
    private static final String FUNCTION = "aerofn_function";
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private DeadLetters() {}

    /**
     * @param attempts how often it was tried; 0 if it could not even be read
     * @param request what the record holds, if its seal held; null otherwise: then nothing it says of itself is taken over
     */
    public static ProducerRecord<byte[], byte[]> encode(
            ConsumerRecord<byte[], byte[]> record, String reason, int attempts, @Nullable InvocationRequest request) {
        var letter = new ProducerRecord<>(Topics.DEAD_LETTERS, null, record.key(), record.value(), record.headers());
        // a record may bring such headers along, be it one that comes back or one that was forged
        List.of(REASON, TOPIC, PARTITION, OFFSET, ATTEMPTS, INVOCATION, ACCEPTED_AT, FUNCTION).forEach(letter.headers()::remove);
        return explained(letter, record, reason, attempts, request);
    }

    /**
     * For a request that stands nowhere else: the dead letter is its record.
     *
     * @param letter the request, encoded for {@link Topics#DEAD_LETTERS}
     */
    public static ProducerRecord<byte[], byte[]> encode(ProducerRecord<byte[], byte[]> letter, String reason, InvocationRequest request) {
        put(letter, REASON, reason);
        put(letter, ATTEMPTS, "0");
        putInvocation(letter, request);
        return letter;
    }

    /** For a record too large to be copied: it can still be read where it stood. */
    public static ProducerRecord<byte[], byte[]> encodeWithoutValue(
            ConsumerRecord<byte[], byte[]> record, String reason, int attempts, @Nullable InvocationRequest request) {
        return explained(new ProducerRecord<>(Topics.DEAD_LETTERS, new byte[0]), record, reason + " (too large to copy)", attempts, request);
    }

    /**
     * Every record on the topic is a dead letter, whoever put it there: what its headers do not tell is left open.
     *
     * @param now stands in for a time that cannot be
     */
    public static DeadLetter decode(ConsumerRecord<byte[], byte[]> record, Instant now) {
        var headers = record.headers();
        var position = new RecordPosition(record.topic(), record.partition(), record.offset());
        var invocation = text(headers, INVOCATION).flatMap(InvocationId::parse);
        var acceptedAt = parsed(headers, ACCEPTED_AT, Instant::parse).filter(DeadLetters::isStorable);
        var function = text(headers, FUNCTION);
        var known = invocation.isPresent() && acceptedAt.isPresent() && function.isPresent();
        return new DeadLetter(
                position,
                Optional.of(Instant.ofEpochMilli(record.timestamp())).filter(time -> isStorable(time) && !time.isAfter(now)).orElse(now),
                text(headers, REASON).orElse("no reason was given"),
                parsed(headers, ATTEMPTS, Integer::valueOf).orElse(0),
                known ? invocation.get() : null,
                known ? acceptedAt.get() : null,
                known ? function.get() : null,
                source(headers).orElse(position),
                null);
    }

    private static ProducerRecord<byte[], byte[]> explained(ProducerRecord<byte[], byte[]> letter, ConsumerRecord<byte[], byte[]> record,
            String reason, int attempts, @Nullable InvocationRequest request) {
        put(letter, REASON, reason);
        put(letter, TOPIC, record.topic());
        put(letter, PARTITION, Integer.toString(record.partition()));
        put(letter, OFFSET, Long.toString(record.offset()));
        put(letter, ATTEMPTS, Integer.toString(attempts));
        if (request != null) {
            putInvocation(letter, request);
        }
        return letter;
    }

    private static void putInvocation(ProducerRecord<byte[], byte[]> letter, InvocationRequest request) {
        put(letter, INVOCATION, request.id().toString());
        put(letter, ACCEPTED_AT, request.acceptedAt().toString());
        put(letter, FUNCTION, request.function().name().value());
    }

    private static void put(ProducerRecord<byte[], byte[]> letter, String name, String value) {
        letter.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<RecordPosition> source(Headers headers) {
        var topic = text(headers, TOPIC);
        var partition = parsed(headers, PARTITION, Integer::valueOf);
        var offset = parsed(headers, OFFSET, Long::valueOf);
        return topic.isPresent() && partition.isPresent() && offset.isPresent()
                ? Optional.of(new RecordPosition(topic.get(), partition.get(), offset.get()))
                : Optional.empty();
    }

    private static <T> Optional<T> parsed(Headers headers, String name, Function<String, T> parser) {
        try {
            return text(headers, name).map(parser);
        } catch (NumberFormatException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(Headers headers, String name) {
        var header = headers.lastHeader(name);
        return header == null || header.value() == null ? Optional.empty() : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }

    private static boolean isStorable(Instant time) {
        return !time.isBefore(Instant.EPOCH) && !time.isAfter(LATEST);
    }
}
