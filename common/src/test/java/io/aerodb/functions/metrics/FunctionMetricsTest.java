package io.aerodb.functions.metrics;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.TriggerType;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FunctionMetricsTest {

    private final Metrics metrics = new Metrics("worker");
    private final FunctionMetrics functions = new FunctionMetrics(metrics.registry());

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void countsInvocationsUnderTheNamesThatDashboardsUse() {
        ended(new Outcome.Succeeded(new byte[0]));
        assertScraped("functions_invocations_total{name=\"hello\",service=\"worker\",status=\"succeeded\",trigger=\"http\"} 1.0");
        assertScraped("functions_duration_seconds_count{name=\"hello\",service=\"worker\"} 1");
        assertScraped("functions_duration_seconds_bucket{name=\"hello\",service=\"worker\",le=");
        assertScraped("functions_memory_bytes{name=\"hello\",service=\"worker\",quantile=\"0.95\"}");
        assertScraped("functions_timeout_total{name=\"hello\",service=\"worker\"} 0.0");
    }

    @Test
    void countsTimeouts() {
        ended(new Outcome.TimedOut("late"));
        assertScraped("functions_timeout_total{name=\"hello\",service=\"worker\"} 1.0");
        assertScraped("functions_errors_total{error_type=\"function_timeout\",name=\"hello\",service=\"worker\"} 1.0");
    }

    @Test
    void countsExceededMemory() {
        ended(new Outcome.MemoryExceeded("much"));
        assertScraped("functions_memory_exceeded_total{name=\"hello\",service=\"worker\"} 1.0");
        assertScraped("functions_errors_total{error_type=\"memory_limit_exceeded\",name=\"hello\",service=\"worker\"} 1.0");
    }

    @Test
    void givesNoRunTimeToWhatDidNotRun() {
        functions.ended(new FunctionName("hello"), TriggerType.HTTP, Duration.ofMillis(1), Execution.notRun(new Outcome.Expired("over")));
        assertScraped("functions_duration_seconds_count{name=\"hello\",service=\"worker\"} 0");
        assertFalse(metrics.scrape().contains("functions_memory_bytes_count{name=\"hello\",service=\"worker\"} 1"));
    }

    private void ended(Outcome outcome) {
        functions.ended(new FunctionName("hello"), TriggerType.HTTP, Duration.ofMillis(1),
                new Execution(outcome, Duration.ofMillis(2), 65536, List.of(), false));
    }

    private void assertScraped(String line) {
        var text = metrics.scrape();
        assertTrue(text.contains(line), () -> line + "\nis not in\n" + text.lines().filter(one -> one.contains("functions_")).toList());
    }
}
