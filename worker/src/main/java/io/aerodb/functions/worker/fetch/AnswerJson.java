package io.aerodb.functions.worker.fetch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Writes an answer for the guest, as {@link FetchAnswer.Answered} describes it. */
final class AnswerJson {

    private static final JsonFactory JSON = JsonFactory.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

    private AnswerJson() {}

    static byte[] write(ReceivedAnswer answer) {
        var bytes = new ByteArrayOutputStream(answer.body().length + 1024);
        try (var json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("status", answer.status());
            json.writeObjectFieldStart("headers");
            for (var header : answer.headers().byName().entrySet()) {
                json.writeFieldName(header.getKey());
                if (header.getValue().size() == 1) {
                    json.writeString(header.getValue().getFirst());
                } else {
                    json.writeArray(header.getValue().toArray(String[]::new), 0, header.getValue().size());
                }
            }
            json.writeEndObject();
            writeBody(json, answer.body());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void writeBody(JsonGenerator json, byte[] body) throws IOException {
        if (hasControlCharacters(body)) {
            json.writeBinaryField("body_base64", body);
            return;
        }
        try {
            json.writeStringField("body", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
        } catch (CharacterCodingException e) {
            json.writeBinaryField("body_base64", body);
        }
    }

    /** As JSON they would take six times their room. */
    private static boolean hasControlCharacters(byte[] body) {
        for (var value : body) {
            if (value >= 0 && value < ' ' && value != '\t' && value != '\n' && value != '\r') {
                return true;
            }
        }
        return false;
    }
}
