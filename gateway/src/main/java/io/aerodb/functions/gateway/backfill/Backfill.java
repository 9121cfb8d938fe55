package io.aerodb.functions.gateway.backfill;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows that a table has already, of which a trigger is told one after another.
 *
 * @param wanted which ones, and how fast
 * @param state {@code running}, {@code completed}, {@code failed} or {@code cancelled}
 * @param error why it failed, or what it waits for; null where all is well
 * @param read rows that have been read
 * @param fired rows of which an invocation has been asked for
 * @param finishedAt null while it runs
 */
record Backfill(UUID id, Wanted wanted, String state, @Nullable String error, long read, long fired, Instant createdAt, @Nullable Instant finishedAt) {

    /**
     * What is wanted.
     *
     * @param table as a trigger names it
     * @param rate rows a second
     * @param estimatedTotal about how many rows there were when it was asked for
     */
    record Wanted(String function, UUID trigger, String table, int rate, long estimatedTotal) {}

    JsonObject toJson() {
        return new JsonObject()
                .put("id", id.toString())
                .put("function", wanted.function())
                .put("trigger", wanted.trigger().toString())
                .put("table", wanted.table())
                .put("rate", wanted.rate())
                .put("state", state)
                .put("error", error)
                .put("estimated_total", wanted.estimatedTotal())
                .put("read", read)
                .put("fired", fired)
                .put("created_at", createdAt.toString())
                .put("finished_at", Objects.toString(finishedAt, null));
    }
}
