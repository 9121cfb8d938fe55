package io.aerodb.functions.gateway.replay;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Many invocations that are run again one after another.
 *
 * @param wanted which ones, and how fast
 * @param state {@code running}, {@code completed} or {@code cancelled}
 * @param total invocations that there were to replay when it was asked for
 * @param replayed invocations that have been put on the events lane again
 * @param gone invocations whose requests were no longer kept
 * @param finishedAt null while it runs
 */
record BulkReplay(
        UUID id, Wanted wanted, String state, int total, int replayed, int gone, Instant createdAt, @Nullable Instant finishedAt) {

    /**
     * What is wanted.
     *
     * @param status null for all that have ended
     * @param since accepted at or after; null from the beginning
     * @param until accepted before
     * @param version to run; null for the one that each invocation ran
     * @param limit invocations at most
     * @param rate invocations a second
     */
    record Wanted(
            String function, @Nullable String status, @Nullable Instant since, Instant until, @Nullable Integer version, int limit, int rate) {}

    JsonObject toJson() {
        return new JsonObject()
                .put("id", id.toString())
                .put("function", wanted.function())
                .put("status", wanted.status())
                .put("since", Objects.toString(wanted.since(), null))
                .put("until", wanted.until().toString())
                .put("version", wanted.version())
                .put("limit", wanted.limit())
                .put("rate", wanted.rate())
                .put("state", state)
                .put("total", total)
                .put("replayed", replayed)
                .put("gone", gone)
                .put("created_at", createdAt.toString())
                .put("finished_at", Objects.toString(finishedAt, null));
    }
}
