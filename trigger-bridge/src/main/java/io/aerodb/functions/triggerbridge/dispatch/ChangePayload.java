package io.aerodb.functions.triggerbridge.dispatch;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import io.aerodb.functions.trigger.RowCondition;
import io.aerodb.functions.triggerbridge.capture.Change;
import io.aerodb.functions.triggerbridge.capture.RowImage;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A row change as a function reads it, and as conditions see it. */
final class ChangePayload {

    private static final JsonMapper MAPPER = JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();
    private static final int TYPICAL_BYTES = 1024;
    private static final byte[] LIST = "{\"changes\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LIST_END = "]}".getBytes(StandardCharsets.US_ASCII);
    private static final int LIST_BYTES = LIST.length + LIST_END.length;

    private ChangePayload() {}

    /** @return empty if it would take more than these bytes */
    static Optional<byte[]> json(Change.Row change, int maxBytes) {
        try {
            return Optional.of(json(change, change.after(), change.before(), maxBytes));
        } catch (TooLargeException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw unexpected(e);
        }
    }

    /** For a row of which nothing can be told. */
    static byte[] withoutValues(Change.Row change) {
        return unboundedJson(change, null, null);
    }

    /** For a row that is too large to be told: its key alone. */
    static byte[] withoutRows(Change.Row change) {
        var key = change.key() == null ? null : new RowImage(change.key(), Set.of());
        return unboundedJson(change, change.after() == null ? null : key, change.before() == null ? null : key);
    }

    private static byte[] unboundedJson(Change.Row change, @Nullable RowImage after, @Nullable RowImage before) {
        try {
            return json(change, after, before, Integer.MAX_VALUE);
        } catch (IOException e) {
            throw unexpected(e);
        }
    }

    private static UncheckedIOException unexpected(IOException e) {
        return new UncheckedIOException("writing to memory cannot fail", e);
    }

    /** Changes in a list, as a function reads those that it is told together. */
    static byte[] list(List<byte[]> changes) {
        var bytes = new ByteArrayOutputStream(LIST_BYTES + changes.stream().mapToInt(change -> change.length + 1).sum());
        bytes.writeBytes(LIST);
        for (var i = 0; i < changes.size(); i++) {
            if (i > 0) {
                bytes.write(',');
            }
            bytes.writeBytes(changes.get(i));
        }
        bytes.writeBytes(LIST_END);
        return bytes.toByteArray();
    }

    private static byte[] json(Change.Row change, @Nullable RowImage after, @Nullable RowImage before, int maxBytes) throws IOException {
        var bytes = new ByteArrayOutputStream(TYPICAL_BYTES);
        try (var json = MAPPER.createGenerator(bounded(bytes, maxBytes))) {
            json.writeStartObject();
            json.writeStringField("table", change.table().table());
            json.writeStringField("schema", change.table().schema());
            json.writeStringField("op", change.operation().name());
            write(json, "row", after);
            write(json, "old_row", before);
            if (after != null && !after.unavailable().isEmpty()) {
                json.writeObjectField("unavailable", new TreeSet<>(after.unavailable()));
            }
            json.writeNumberField("txid", change.transaction());
            json.writeStringField("lsn", lsn(change.lsn()));
            json.writeStringField("commit_time", change.committedAt().toString());
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    /** Of this kind, as Jackson wraps all others. */
    private static final class TooLargeException extends IOException {

        private static final long serialVersionUID = 1L;
    }

    /** Ends the writing of a row before it has filled the memory. */
    private static OutputStream bounded(ByteArrayOutputStream bytes, int maxBytes) {
        return new FilterOutputStream(bytes) {
            @Override
            public void write(int one) throws IOException {
                check(1);
                bytes.write(one);
            }

            @Override
            public void write(byte[] some, int from, int length) throws IOException {
                check(length);
                bytes.write(some, from, length);
            }

            private void check(int more) throws IOException {
                if (more > maxBytes - bytes.size()) {
                    throw new TooLargeException();
                }
            }
        };
    }

    private static void write(JsonGenerator json, String name, @Nullable RowImage row) throws IOException {
        json.writeObjectField(name, row == null ? null : row.values());
    }

    /** The key as text: the same row always has the same. */
    static String key(Map<String, @Nullable Object> values) {
        try {
            return MAPPER.writeValueAsString(values.values());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("keys are texts and numbers", e);
        }
    }

    /** As PostgreSQL writes it: {@code 0/16B3748}. */
    static String lsn(long lsn) {
        return Long.toHexString(lsn >>> 32).toUpperCase(Locale.ROOT) + "/" + Long.toHexString(lsn & 0xFFFF_FFFFL).toUpperCase(Locale.ROOT);
    }

    /** As conditions see it. */
    static RowCondition.Rows rows(Change.Row change) {
        return new RowCondition.Rows(forCondition(change.before()), forCondition(change.after()));
    }

    /** With numbers and documents as conditions take them. */
    private static @Nullable Map<String, @Nullable Object> forCondition(@Nullable RowImage row) {
        if (row == null) {
            return null;
        }
        var values = new LinkedHashMap<>(row.values());
        values.replaceAll((_, value) -> switch (value) {
            case BigDecimal number -> number.doubleValue();
            case RawValue raw -> document(raw);
            case null, default -> value;
        });
        return values;
    }

    /** Null for what is nested too deep, or has numbers too long, to be compared with anything. */
    private static @Nullable Object document(RawValue raw) {
        try {
            return MAPPER.readValue(String.valueOf(raw.rawValue()), Object.class);
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
