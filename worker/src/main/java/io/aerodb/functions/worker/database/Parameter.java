package io.aerodb.functions.worker.database;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One element of the array of parameters, on its way to becoming PostgreSQL's text form of whatever type it is meant for. */
sealed interface Parameter {

    /** @param type what the server inferred; asked only for {@link Many} */
    byte @Nullable [] encode(JsonType type) throws InvalidQueryException;

    enum Null implements Parameter {
        NULL;

        @Override
        public byte @Nullable [] encode(JsonType type) {
            return null;
        }
    }

    /** A string as it is, a number digit by digit as it was written, {@code true} or {@code false}. */
    record Text(String text) implements Parameter {
        @Override
        public byte[] encode(JsonType type) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** An object, which only json and jsonb can take, as it was written. */
    record Document(byte[] json) implements Parameter {
        @Override
        public byte[] encode(JsonType type) {
            return json;
        }
    }

    /** An array, which is an array or a document: that depends on the type. */
    record Many(byte[] json) implements Parameter {
        @Override
        public byte[] encode(JsonType type) throws InvalidQueryException {
            return type instanceof JsonType.ArrayOf array ? new ArrayLiteral(array, json).toBytes() : json;
        }
    }
}
