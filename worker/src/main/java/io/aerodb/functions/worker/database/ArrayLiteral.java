package io.aerodb.functions.worker.database;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Writes a JSON array as PostgreSQL's text form of an array; nested ones become dimensions, except in arrays of documents. */
final class ArrayLiteral {

    private static final int MAX_DIMENSIONS = 6;

    private final JsonType.ArrayOf type;
    private final byte[] json;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ArrayLiteral(JsonType.ArrayOf type, byte[] json) {
        this.type = type;
        this.json = json;
    }

    byte[] toBytes() throws InvalidQueryException {
        try (var parser = Parameters.JSON.createParser(json)) {
            parser.nextToken();
            dimension(parser, 1);
            return out.toByteArray();
        } catch (IOException e) {
            throw new InvalidQueryException("a parameter is no JSON");
        }
    }

    private void dimension(JsonParser parser, int depth) throws IOException, InvalidQueryException {
        if (depth > MAX_DIMENSIONS) {
            throw new InvalidQueryException("an array has at most " + MAX_DIMENSIONS + " dimensions");
        }
        out.write('{');
        for (var first = true; parser.nextToken() != JsonToken.END_ARRAY; first = false) {
            if (!first) {
                out.write(type.delimiter());
            }
            element(parser, depth);
        }
        out.write('}');
    }

    private void element(JsonParser parser, int depth) throws IOException, InvalidQueryException {
        var ofDocuments = type.element() == JsonType.Scalar.DOCUMENT;
        switch (parser.currentToken()) {
            case VALUE_NULL -> out.writeBytes(new byte[] {'N', 'U', 'L', 'L'});
            case START_OBJECT -> quoted(Parameters.source(parser, json));
            case START_ARRAY -> {
                if (ofDocuments) {
                    quoted(Parameters.source(parser, json));
                } else {
                    dimension(parser, depth + 1);
                }
            }
            default -> quoted(parser.getText().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void quoted(byte[] text) {
        out.write('"');
        for (var value : text) {
            if (value == '"' || value == '\\') {
                out.write('\\');
            }
            out.write(value);
        }
        out.write('"');
    }
}
