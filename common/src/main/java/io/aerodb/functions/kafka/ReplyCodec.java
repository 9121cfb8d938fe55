package io.aerodb.functions.kafka;

import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replies as records: the value is what the function wrote, the attributes say how it ended. */
public final class ReplyCodec {

    private static final Logger LOG = LoggerFactory.getLogger(ReplyCodec.class);
    private static final String TYPE = "io.aerodb.functions.reply";

    private ReplyCodec() {}

    /** @param address where someone waits; null for any partition, where the reply can be fetched by its position */
    public static ProducerRecord<byte[], byte[]> encode(@Nullable ReplyAddress address, Instant now, Reply reply) {
        var outcome = reply.outcome();
        var attributes = Attributes.event(TYPE, "/worker", reply.id().toString(), now)
                .put("functionversion", reply.version())
                .put("status", outcome.status())
                .put("code", outcome.code())
                .put("message", outcome.message())
                .put("queuemicros", reply.queue().toNanos() / 1000)
                .put("runmicros", reply.run().toNanos() / 1000);
        var key = reply.id().toString().getBytes(StandardCharsets.US_ASCII);
        var record = address == null
                ? new ProducerRecord<>(Topics.REPLIES, key, outcome.output())
                : new ProducerRecord<>(address.topic(), address.partition(), key, outcome.output());
        attributes.writeTo(record.headers());
        return record;
    }

    /** Reads the id from the key alone: a gateway that shares its partition skips foreign replies cheaply. */
    public static Optional<InvocationId> id(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null ? Optional.empty() : InvocationId.parse(new String(record.key(), StandardCharsets.US_ASCII));
    }

    public static Reply decode(ConsumerRecord<byte[], byte[]> record) throws UnreadableRecordException {
        var attributes = Attributes.from(record.headers());
        return new Reply(
                new InvocationId(attributes.uuid("id")),
                attributes.integer("functionversion"),
                Duration.ofNanos(attributes.number("queuemicros") * 1000),
                Duration.ofNanos(attributes.number("runmicros") * 1000),
                outcome(attributes, record.value() == null ? new byte[0] : record.value()));
    }

    /** The reply to this invocation; empty, with a warning, where the record holds none. */
    public static Optional<Reply> decodeOf(InvocationId id, ConsumerRecord<byte[], byte[]> record) {
        try {
            var reply = decode(record);
            if (reply.id().equals(id)) {
                return Optional.of(reply);
            }
            warn(id, record, "it is that of another invocation");
        } catch (UnreadableRecordException e) {
            warn(id, record, e.getMessage());
        }
        return Optional.empty();
    }

    private static void warn(InvocationId id, ConsumerRecord<byte[], byte[]> record, String reason) {
        LOG.atWarn().addKeyValue("invocationId", id).addKeyValue("topic", record.topic()).addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset()).log("cannot use a stored reply: {}", reason);
    }

    private static Outcome outcome(Attributes attributes, byte[] output) throws UnreadableRecordException {
        var label = attributes.text("status");
        var code = attributes.text("code");
        var message = attributes.text("message");
        return InvocationStatus.fromLabel(label)
                .flatMap(status -> Outcome.of(status, code, message, output))
                .filter(outcome -> outcome.status().equals(label))
                .orElseThrow(() -> new UnreadableRecordException("unknown status " + label + " with code " + code));
    }
}
