package io.aerodb.functions.triggerbridge.capture;

import com.fasterxml.jackson.databind.util.RawValue;
import io.debezium.data.Json;
import io.debezium.data.geometry.Point;
import io.debezium.time.Date;
import io.debezium.time.MicroTime;
import io.debezium.time.MicroTimestamp;
import io.debezium.time.Timestamp;
import io.debezium.time.ZonedTimestamp;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Column values as functions read them: in the form in which {@code db_query} answers them too. */
final class ColumnValues {

    /** A number of more digits behind the point is one that Jackson writes by no means of its own. */
    private static final int MAX_SCALE = 9999;
    /** Where a schema says what type PostgreSQL has for the column. */
    static final String TYPE_PARAMETER = "__debezium.source.column.type";

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("HH:mm:ss").appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true).toFormatter();
    private static final DateTimeFormatter LOCAL = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE).appendLiteral('T').append(TIME).toFormatter();
    private static final DateTimeFormatter ZONED = new DateTimeFormatterBuilder()
            .append(LOCAL).appendOffset("+HH:MM", "+00:00").toFormatter();

    private ColumnValues() {}

    static @Nullable Object of(Field field, @Nullable Object value) {
        var schema = field.schema();
        var type = schema.parameters() == null ? "" : schema.parameters().getOrDefault(TYPE_PARAMETER, "");
        return of(schema, type, value);
    }

    private static @Nullable Object of(Schema schema, String type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        return switch (schema.type()) {
            case INT8, INT16, INT32, INT64 -> wholeNumber(schema.name(), ((Number) value).longValue());
            case FLOAT32, FLOAT64 -> number(value.toString());
            case BOOLEAN -> value;
            case STRING -> text(schema.name(), type, (String) value);
            case BYTES -> raw(value);
            case ARRAY -> list(schema.valueSchema(), elementType(type), (List<?>) value);
            case STRUCT -> Point.LOGICAL_NAME.equals(schema.name()) ? point((Struct) value) : members((Struct) value);
            case MAP -> value.toString();
        };
    }

    private static Object wholeNumber(@Nullable String meaning, long value) {
        return switch (Objects.requireNonNullElse(meaning, "")) {
            case Date.SCHEMA_NAME -> LocalDate.ofEpochDay(value).toString();
            case MicroTime.SCHEMA_NAME -> value == 86_400_000_000L ? "24:00:00" : TIME.format(LocalTime.ofNanoOfDay(value * 1000));
            case Timestamp.SCHEMA_NAME -> local(Instant.EPOCH.plus(value, ChronoUnit.MILLIS));
            case MicroTimestamp.SCHEMA_NAME -> local(Instant.EPOCH.plus(value, ChronoUnit.MICROS));
            default -> value;
        };
    }

    private static String local(Instant time) {
        return LOCAL.format(LocalDateTime.ofInstant(time, ZoneOffset.UTC));
    }

    private static Object text(@Nullable String meaning, String type, String value) {
        return switch (Objects.requireNonNullElse(meaning, "")) {
            case Json.LOGICAL_NAME -> new RawValue(value);
            case ZonedTimestamp.SCHEMA_NAME -> zoned(value);
            default -> switch (type) {
                case "NUMERIC", "DECIMAL" -> number(value);
                case "BYTEA" -> "\\x" + value;
                default -> value;
            };
        };
    }

    private static String zoned(String value) {
        try {
            return ZONED.format(OffsetDateTime.parse(value).withOffsetSameInstant(ZoneOffset.UTC));
        } catch (DateTimeParseException e) {
            return value; // infinity
        }
    }

    /** JSON has no NaN and no infinity, so those are texts. */
    private static Object number(String value) {
        try {
            var number = new BigDecimal(value);
            return Math.abs(number.scale()) > MAX_SCALE ? new RawValue(number.toPlainString()) : number;
        } catch (NumberFormatException e) {
            return switch (value) {
                case "NAN" -> "NaN";
                case "POSITIVE_INFINITY" -> "Infinity";
                case "NEGATIVE_INFINITY" -> "-Infinity";
                default -> value;
            };
        }
    }

    /** Of a type that is not known here: as PostgreSQL writes it. */
    private static String raw(Object value) {
        return value instanceof ByteBuffer buffer
                ? StandardCharsets.UTF_8.decode(buffer.duplicate()).toString()
                : new String((byte[]) value, StandardCharsets.UTF_8);
    }

    private static List<@Nullable Object> list(Schema element, String type, List<?> values) {
        var list = new ArrayList<@Nullable Object>(values.size());
        values.forEach(each -> list.add(of(element, type, each)));
        return list;
    }

    private static String elementType(String type) {
        return type.startsWith("_") ? type.substring(1) : type;
    }

    private static String point(Struct point) {
        return "(" + coordinate(point, Point.X_FIELD) + "," + coordinate(point, Point.Y_FIELD) + ")";
    }

    private static String coordinate(Struct point, String name) {
        var value = point.getFloat64(name);
        return Double.isFinite(value) ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString() : String.valueOf(value);
    }

    private static Map<String, @Nullable Object> members(Struct struct) {
        var members = new LinkedHashMap<String, @Nullable Object>();
        struct.schema().fields().forEach(field -> members.put(field.name(), of(field, struct.get(field))));
        return members;
    }
}
