package io.aerodb.functions.worker.database;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the JSON array of parameters that came with a statement. */
final class Parameters {

    /** As many as a Bind message can carry. */
    private static final int MAX_COUNT = 65_535;
    private static final int MAX_DEPTH = 200;

    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(200_000)
                    .build())
            .build();

    private final List<Parameter> values;

    private Parameters(List<Parameter> values) {
        this.values = values;
    }

    /** @param json nothing at all is an empty array */
    static Parameters parse(byte[] json) throws InvalidQueryException {
        if (json.length == 0) {
            return new Parameters(List.of());
        }
        try (var parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new InvalidQueryException("parameters are one JSON array");
            }
            var values = new ArrayList<Parameter>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                values.add(parameter(parser, json));
                if (values.size() > MAX_COUNT) {
                    throw new InvalidQueryException("a statement has at most " + MAX_COUNT + " parameters");
                }
            }
            if (parser.nextToken() != null) {
                throw new InvalidQueryException("something follows the array of parameters");
            }
            return new Parameters(values);
        } catch (IOException e) {
            throw new InvalidQueryException("parameters are one JSON array in UTF-8");
        }
    }

    /** Whether the types that the server infers must be known before the values can be sent. */
    boolean needTypes() {
        return values.stream().anyMatch(Parameter.Many.class::isInstance);
    }

    /** @param types by position; missing ones count as text */
    List<byte @Nullable []> encode(List<JsonType> types) throws InvalidQueryException {
        var encoded = new ArrayList<byte @Nullable []>(values.size());
        for (var i = 0; i < values.size(); i++) {
            encoded.add(values.get(i).encode(i < types.size() ? types.get(i) : JsonType.Scalar.TEXT));
        }
        return encoded;
    }

    private static Parameter parameter(JsonParser parser, byte[] json) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_NULL -> Parameter.Null.NULL;
            case START_OBJECT -> new Parameter.Document(source(parser, json));
            case START_ARRAY -> new Parameter.Many(source(parser, json));
            default -> new Parameter.Text(parser.getText());
        };
    }

    /** The object or array that starts here, as it was written: numbers lose nothing. */
    static byte[] source(JsonParser parser, byte[] json) throws IOException {
        var start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        return Arrays.copyOfRange(json, start, (int) parser.currentLocation().getByteOffset());
    }
}
