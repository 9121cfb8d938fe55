package io.aerodb.functions.triggerbridge.capture;

import io.aerodb.functions.trigger.RowOperation;
import io.aerodb.functions.trigger.TableName;
import io.debezium.data.Envelope;
import io.debezium.data.Envelope.Operation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Debezium's records as changes. An update of a primary key comes as two, and is put together here. For one thread. */
final class ChangeDecoder {

    static final String PREFIX = "aerodb";
    private static final String TRANSACTIONS = PREFIX + ".transaction";
    private static final String MESSAGES = PREFIX + ".message";
    private static final String NEW_KEY = "__debezium.newkey";
    private static final String OLD_KEY = "__debezium.oldkey";

    private static final Logger LOG = LoggerFactory.getLogger(ChangeDecoder.class);

    private final String unavailable;
    private @Nullable RowImage underOldKey;

    /** @param unavailable stands for values that the log leaves out; no row has it */
    ChangeDecoder(String unavailable) {
        this.unavailable = unavailable;
    }

    /** @return empty if it tells nothing by itself */
    Optional<Change> decode(SourceRecord record) {
        if (record.topic().startsWith("__debezium-heartbeat")) {
            return Optional.of(new Change.Quiet());
        }
        var value = (Struct) record.value();
        if (value == null) {
            return Optional.empty();
        }
        return switch (record.topic()) {
            case TRANSACTIONS -> Optional.of(value.getString("status").equals("BEGIN") ? new Change.Begun() : new Change.Ended());
            case MESSAGES -> Optional.of(message(value));
            default -> row(record, value);
        };
    }

    private static Change message(Struct value) {
        var message = value.getStruct("message");
        var transaction = value.getStruct(Envelope.FieldName.SOURCE).getInt64("txId");
        return new Change.Told(transaction == null ? 0 : transaction, message.getString("prefix"),
                new String(HexFormat.of().parseHex(message.getString("content")), StandardCharsets.UTF_8));
    }

    private Optional<Change> row(SourceRecord record, Struct value) {
        var operation = operation(value.getString(Envelope.FieldName.OPERATION));
        if (operation.isEmpty()) {
            return Optional.empty();
        }
        var before = image(value, Envelope.FieldName.BEFORE);
        if (operation.get() == RowOperation.DELETE && record.headers().lastWithName(NEW_KEY) != null) {
            underOldKey = before;
            return Optional.empty();
        }
        var moved = operation.get() == RowOperation.INSERT && record.headers().lastWithName(OLD_KEY) != null;
        var old = moved ? underOldKey : before;
        var after = image(value, Envelope.FieldName.AFTER);
        underOldKey = null;
        var source = value.getStruct(Envelope.FieldName.SOURCE);
        return Optional.of(new Change.Row(
                new TableName(source.getString("schema"), source.getString("table")),
                moved ? RowOperation.UPDATE : operation.get(),
                key(record.key()),
                old,
                after == null ? null : after.completedBy(old),
                source.getInt64("txId"),
                source.getInt64("lsn"),
                value.getStruct("transaction").getInt64("total_order"),
                Instant.EPOCH.plus(source.getInt64("ts_us"), ChronoUnit.MICROS)));
    }

    private static Optional<RowOperation> operation(String code) {
        return switch (Objects.requireNonNull(Operation.forCode(code))) {
            case CREATE -> Optional.of(RowOperation.INSERT);
            case UPDATE -> Optional.of(RowOperation.UPDATE);
            case DELETE -> Optional.of(RowOperation.DELETE);
            case READ, TRUNCATE, MESSAGE -> Optional.empty();
        };
    }

    /** The values of a primary key. @param struct null where the table has none */
    static @Nullable Map<String, @Nullable Object> key(@Nullable Object struct) {
        if (!(struct instanceof Struct key)) {
            return null;
        }
        var values = new LinkedHashMap<String, @Nullable Object>();
        key.schema().fields().forEach(field -> values.put(field.name(), ColumnValues.of(field, key.get(field))));
        return values;
    }

    private @Nullable RowImage image(Struct value, String member) {
        var row = value.schema().field(member) == null ? null : value.getStruct(member);
        return row == null ? null : image(row);
    }

    RowImage image(Struct row) {
        var values = new LinkedHashMap<String, @Nullable Object>();
        var leftOut = new HashSet<String>();
        for (var field : row.schema().fields()) {
            var column = row.getWithoutDefault(field.name());
            if (isUnavailable(field, column)) {
                leftOut.add(field.name());
            } else {
                try {
                    values.put(field.name(), ColumnValues.of(field, column));
                } catch (RuntimeException e) { // one value must not keep all others from being told
                    LOG.atError().addKeyValue("column", field.name()).setCause(e).log("cannot tell the value of a column, and leave it out");
                    leftOut.add(field.name());
                }
            }
        }
        return new RowImage(values, leftOut);
    }

    private boolean isUnavailable(Field field, @Nullable Object value) {
        return switch (value) {
            case String text -> text.equals(unavailable) || text.equals(hex(unavailable));
            case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8).equals(unavailable);
            case ByteBuffer buffer -> StandardCharsets.UTF_8.decode(buffer.duplicate()).toString().equals(unavailable);
            case List<?> list when field.schema().type() == Schema.Type.ARRAY -> isUnavailable(list);
            case null, default -> false;
        };
    }

    /** Arrays of numbers have a number for each byte of the text, those of UUIDs one that is made of it. */
    private boolean isUnavailable(List<?> list) {
        var bytes = unavailable.getBytes(StandardCharsets.UTF_8);
        return list.size() == 1 && (unavailable.equals(list.getFirst()) || UUID.nameUUIDFromBytes(bytes).toString().equals(list.getFirst()))
                || list.size() == bytes.length && IntStream.range(0, bytes.length)
                        .allMatch(i -> list.get(i) instanceof Number number && number.longValue() == bytes[i]);
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}
