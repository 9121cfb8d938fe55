package io.aerodb.functions.invocation;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What can be told of one invocation in its life, to test with. */
record Entries(UUID id, Instant acceptedAt, TriggerType trigger) {

    Entries(UUID id, Instant acceptedAt) {
        this(id, acceptedAt, TriggerType.DATABASE);
    }

    static Entries at(Instant time) {
        return new Entries(InvocationId.at(time).value(), time);
    }

    InvocationEntry accepted() {
        return entry("accepted", 1, null, null, null);
    }

    /** Delayed: nothing has been tried yet. */
    InvocationEntry delayed() {
        return entry("scheduled", 1, null, null, acceptedAt.plusSeconds(100));
    }

    InvocationEntry scheduled(int attempt) {
        return entry("scheduled", attempt, "unavailable", acceptedAt.plusSeconds(attempt), acceptedAt.plusSeconds(100 + attempt));
    }

    InvocationEntry ended(String status, int attempt) {
        return entry(status, attempt, status.equals("succeeded") ? null : "function_error", acceptedAt.plusSeconds(attempt), null);
    }

    PastAttempt past(int attempt) {
        return new PastAttempt(attempt, "unavailable", "try " + attempt, acceptedAt.plusSeconds(attempt), 1000L * attempt, "worker-" + attempt);
    }

    private InvocationEntry entry(String status, int attempt, @Nullable String code, @Nullable Instant finishedAt, @Nullable Instant retryAt) {
        return new InvocationEntry(id, new UUID(3, 4), "hello", 2, trigger.label(), status, code, code == null ? null : "try " + attempt, "anon",
                finishedAt == null ? null : "anon", null, attempt, acceptedAt, finishedAt, finishedAt, 500, finishedAt == null ? 0 : 1000L * attempt, 65536,
                List.of(new LogLine(LogLine.Level.INFO, 1, "attempt " + attempt)), false, new RecordPosition("functions.events", 4, 90 + attempt),
                new Lineage(new InvocationId(new UUID(5, 6)), 1, null), retryAt, finishedAt == null ? null : new RecordPosition("functions.replies", 1, attempt),
                "worker-" + attempt);
    }
}
