package io.aerodb.functions.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** The CloudEvents attributes of one record: its headers that start with {@code ce_}, in Kafka's binary content mode. */
final class Attributes {

    static final String CONTENT_TYPE = "content-type";
    private static final String PREFIX = "ce_";

    private final SortedMap<String, byte[]> values = new TreeMap<>();

    /** Attributes that every event of ours carries. */
    static Attributes event(String type, String source, String id, Instant time) {
        return new Attributes().put("specversion", "1.0").put("type", type).put("source", source).put("id", id).put("time", time.toString());
    }

    /** @throws UnreadableRecordException if an attribute stands twice, or this is no CloudEvent 1.0 */
    static Attributes from(Headers headers) throws UnreadableRecordException {
        var attributes = new Attributes();
        for (var header : headers) {
            var name = header.key();
            if ((name.startsWith(PREFIX) || name.equals(CONTENT_TYPE)) && header.value() != null
                    && attributes.values.put(name, header.value()) != null) {
                throw new UnreadableRecordException("header " + name + " stands twice");
            }
        }
        if (!attributes.text("specversion").equals("1.0")) {
            throw new UnreadableRecordException("not a CloudEvent of version 1.0");
        }
        return attributes;
    }

    /** One attribute, without a look at the others. */
    static Optional<String> text(Headers headers, String name) {
        return Optional.ofNullable(headers.lastHeader(PREFIX + name)).map(Header::value).map(value -> new String(value, StandardCharsets.UTF_8));
    }

    Attributes put(String name, String value) {
        values.put(PREFIX + name, value.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    Attributes put(String name, long value) {
        return put(name, Long.toString(value));
    }

    Attributes put(String name, byte[] value) {
        values.put(PREFIX + name, value);
        return this;
    }

    Attributes contentType(String value) {
        values.put(CONTENT_TYPE, value.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    void writeTo(Headers headers) {
        values.forEach(headers::add);
    }

    SortedMap<String, byte[]> values() {
        return values;
    }

    Optional<byte[]> bytes(String name) {
        return Optional.ofNullable(values.get(PREFIX + name));
    }

    Optional<String> optionalText(String name) {
        return bytes(name).map(value -> new String(value, StandardCharsets.UTF_8));
    }

    String text(String name) throws UnreadableRecordException {
        return optionalText(name).orElseThrow(() -> new UnreadableRecordException("attribute " + name + " is missing"));
    }

    long number(String name) throws UnreadableRecordException {
        try {
            return Long.parseLong(text(name));
        } catch (NumberFormatException e) {
            throw new UnreadableRecordException("attribute " + name + " is not a number");
        }
    }

    int integer(String name) throws UnreadableRecordException {
        var number = number(name);
        if (number != (int) number) {
            throw new UnreadableRecordException("attribute " + name + " is out of range");
        }
        return (int) number;
    }

    UUID uuid(String name) throws UnreadableRecordException {
        try {
            return UUID.fromString(text(name));
        } catch (IllegalArgumentException e) {
            throw new UnreadableRecordException("attribute " + name + " is not a UUID");
        }
    }
}
