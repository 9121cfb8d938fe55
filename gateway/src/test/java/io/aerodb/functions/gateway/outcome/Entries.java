package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.RecordPosition;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Invocations to test with. */
final class Entries {

    private Entries() {}

    static InvocationEntry at(Instant acceptedAt) {
        return new InvocationEntry(UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057"), new UUID(1, 2), "hello", 3, "http", "succeeded",
                null, null, "anon", null, null, 1, acceptedAt, null, acceptedAt.plusMillis(5), 4_500, 0, 0, List.of(), false,
                new RecordPosition("functions.invoke", 4, 99), "worker-1");
    }

    static InvocationEntry failedAt(Instant acceptedAt) {
        return new InvocationEntry(UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057"), new UUID(1, 2), "hello", 3, "http", "failed",
                "function_error", "it trapped", "authenticated", "service_role", "user-1", 2, acceptedAt, acceptedAt.plusMillis(1), acceptedAt.plusMillis(5), 1_250,
                3_500, 65_536, List.of(new LogLine(LogLine.Level.WARN, 2, "careful"), new LogLine(LogLine.Level.FATAL, 3, "\"\n\u0000")), true,
                new RecordPosition("functions.invoke", 4, 99), "worker-1");
    }

    /** One that nothing has been tried of. */
    static InvocationEntry scheduled(Instant acceptedAt, Lineage lineage, @Nullable Instant retryAt) {
        return new InvocationEntry(UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057"), new UUID(1, 2), "hello", 3, "http", "scheduled",
                null, null, "anon", null, null, 1, acceptedAt, null, null, 0, 0, 0, List.of(), false, new RecordPosition("functions.events", 4, 99),
                lineage, retryAt, null, "gateway-1");
    }
}
