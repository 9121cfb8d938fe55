package io.aerodb.functions.worker.invocation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.aerodb.functions.invocation.HttpCall;
import io.aerodb.functions.invocation.InvocationRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What a function may know of its invocation, as the JSON that {@code context_read} copies. */
final class GuestContext {

    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int TYPICAL_BYTES = 1024;

    private GuestContext() {}

    static byte[] json(InvocationRequest request) {
        var bytes = new ByteArrayOutputStream(TYPICAL_BYTES);
        try (var json = FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("invocation_id", request.id().toString());
            json.writeStringField("function", request.function().name().value());
            json.writeNumberField("version", request.function().version());
            json.writeStringField("trigger", request.trigger().label());
            json.writeNumberField("attempt", request.attempt());
            json.writeStringField("accepted_at", request.acceptedAt().toString());
            json.writeStringField("deadline", request.deadline().toString());
            json.writeStringField("role", request.identity().role().claim());
            json.writeFieldName("claims");
            json.writeRawValue(request.identity().claims());
            if (request.trace() != null) {
                json.writeStringField("traceparent", request.trace().traceparent());
            }
            if (request.http() != null) {
                json.writeFieldName("http");
                write(json, request.http());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, HttpCall http) throws IOException {
        json.writeStartObject();
        json.writeStringField("method", http.method());
        json.writeStringField("path", http.path());
        json.writeStringField("query", http.query());
        json.writeArrayFieldStart("headers");
        for (var header : http.headers()) {
            json.writeArray(new String[] {header.name(), header.value()}, 0, 2);
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
