package io.aerodb.functions.worker.database;

import io.aerodb.functions.worker.wasm.HostError;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How a query ended. */
public sealed interface QueryAnswer {

    /** JSON in UTF-8 for the guest to read. */
    byte[] body();

    /** @param body {@code {"columns":["id"],"rows":[{"id":1}],"rowCount":1}} */
    record Succeeded(byte[] body) implements QueryAnswer {}

    /**
     * Nothing of the statement stays, except where the message says that this is not known.
     *
     * @param sqlState what PostgreSQL gave; null where the error is ours
     */
    record Failed(HostError error, String message, @Nullable String sqlState) implements QueryAnswer {

        static Failed of(HostError error, String message) {
            return new Failed(error, message, null);
        }

        @Override
        public byte[] body() {
            var json = new JsonOutput(Integer.MAX_VALUE);
            json.ascii("{\"error\":{\"code\":\"").ascii(error.code()).ascii("\",\"message\":");
            json.string(message.getBytes(StandardCharsets.UTF_8));
            if (sqlState != null) {
                json.ascii(",\"sqlstate\":");
                json.string(sqlState.getBytes(StandardCharsets.UTF_8));
            }
            return json.ascii("}}").toByteArray();
        }
    }
}
