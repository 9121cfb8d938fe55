package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.triggerbridge.capture.Change;
import io.aerodb.functions.triggerbridge.realtime.RealtimeTables;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the committed changes of chosen tables, as CloudEvents, in order for each row. Who made a change is not told. For one thread
 * at a time.
 */
public final class ChangePublisher {

    private static final Logger LOG = LoggerFactory.getLogger(ChangePublisher.class);
    private static final String TYPE = "io.aerodb.functions.change";
    /** Of a change that is too large to be told, or cannot be. */
    private static final String INCOMPLETE = "aerofn_incomplete";

    private final RealtimeTables tables;
    private final EventSink sink;
    private final String source;

    /** @param systemId tells this database from all others */
    public ChangePublisher(RealtimeTables tables, EventSink sink, String systemId) {
        this.tables = tables;
        this.sink = sink;
        this.source = "/postgresql/" + systemId;
    }

    /** @param section that the change belongs to: it is held until Kafka has it */
    void publish(ToldChange told, Section section) {
        tables.topic(told.change().table()).ifPresent(topic -> sink.publish(record(topic, told), section.hold()));
    }

    private ProducerRecord<byte[], byte[]> record(String topic, ToldChange told) {
        var change = told.change();
        try {
            // rows that are not told from each other keep their order together
            var key = told.hasKey() ? text(told.row()) : text("[]");
            var json = told.json();
            return record(topic, change, key, json.orElseGet(() -> ChangePayload.withoutRows(change)), json.isEmpty());
        } catch (RuntimeException e) { // one row must not hold up all that come after it
            LOG.atError().addKeyValue("table", change.table()).addKeyValue("lsn", ChangePayload.lsn(change.lsn())).setCause(e)
                    .log("cannot tell subscribers the values of a change");
            return record(topic, change, text("[]"), ChangePayload.withoutValues(change), true);
        }
    }

    private ProducerRecord<byte[], byte[]> record(String topic, Change.Row change, byte[] key, byte[] value, boolean incomplete) {
        var record = new ProducerRecord<>(topic, key, value);
        var headers = record.headers();
        headers.add("content-type", text("application/json"));
        headers.add("ce_specversion", text("1.0"));
        headers.add("ce_type", text(TYPE));
        headers.add("ce_source", text(source));
        headers.add("ce_id", text(ChangePayload.lsn(change.lsn()) + "-" + change.transaction() + "-" + change.ordinal()));
        headers.add("ce_time", text(change.committedAt().toString()));
        headers.add("ce_subject", text(change.table().toString()));
        if (incomplete) {
            headers.add(INCOMPLETE, text("true"));
        }
        return record;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
