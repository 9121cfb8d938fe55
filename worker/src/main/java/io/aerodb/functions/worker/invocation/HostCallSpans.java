package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.telemetry.TraceSpan;
import io.aerodb.functions.telemetry.TraceSpan.Kind;
import io.aerodb.functions.telemetry.Tracing;
import io.aerodb.functions.worker.wasm.HostAnswer;
import io.aerodb.functions.worker.wasm.HostError;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The spans of what functions ask the world for. SQL texts and URLs hold users' data, so neither is told. Thread-safe. */
final class HostCallSpans {

    private static final Set<String> OPERATIONS = Set.of("SELECT", "VALUES", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH");
    private static final int LONGEST_OPERATION = 6;

    private final Tracing tracing;

    HostCallSpans(Tracing tracing) {
        this.tracing = tracing;
    }

    TraceSpan query(String sql, @Nullable TraceContext run) {
        if (!tracing.isOn()) {
            return TraceSpan.none();
        }
        var span = tracing.begin("postgresql", Kind.CLIENT, run);
        if (span.isRecording()) {
            span.put("db.system.name", "postgresql");
            var operation = operation(sql);
            if (!operation.isEmpty()) {
                span.rename(operation).put("db.operation.name", operation);
            }
        }
        return span;
    }

    TraceSpan fetch(@Nullable TraceContext run) {
        return tracing.begin("HTTP", Kind.CLIENT, run);
    }

    static HostAnswer ended(TraceSpan span, HostAnswer answer) {
        if (answer.number() < 0 && span.isRecording()) {
            span.failed(Arrays.stream(HostError.values()).filter(error -> error.number() == answer.number())
                    .map(HostError::code).findFirst().orElse("_OTHER"));
        }
        return answer;
    }

    private static String operation(String sql) {
        var start = sql.stripLeading();
        var word = start.substring(0, Math.min(start.length(), LONGEST_OPERATION)).split("\\W", 2)[0].toUpperCase(Locale.ROOT);
        return OPERATIONS.contains(word) ? word : "";
    }
}
