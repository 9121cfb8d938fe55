package io.aerodb.functions.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.TriggerType;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FunctionMetricsTest {

    private static final FunctionName HELLO = new FunctionName("hello");

    private final Set<FunctionName> deployed = ConcurrentHashMap.newKeySet();
    private final Metrics metrics = new Metrics("worker");
    private final FunctionMetrics functions = new FunctionMetrics(metrics.registry(), deployed::contains);

    FunctionMetricsTest() {
        deployed.add(HELLO);
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void countsInvocationsUnderTheNamesThatDashboardsUse() {
        ended(HELLO, new Outcome.Succeeded(new byte[0]));
        assertScraped("functions_invocations_total{name=\"hello\",service=\"worker\",status=\"succeeded\",trigger=\"http\"} 1.0");
        assertScraped("functions_duration_seconds_count{name=\"hello\",service=\"worker\"} 1");
        assertScraped("functions_queue_seconds_count{name=\"hello\",service=\"worker\"} 1");
        assertScraped("functions_memory_bytes_count{name=\"hello\",service=\"worker\"} 1");
        assertScraped("functions_timeout_total{name=\"hello\",service=\"worker\"} 0.0");
    }

    @Test
    void letsPrometheusTellPercentiles() {
        ended(HELLO, new Outcome.Succeeded(new byte[0])); // 2 ms and 64 KiB
        assertScraped("functions_duration_seconds_bucket{name=\"hello\",service=\"worker\",le=\"0.001\"} 0");
        assertScraped("functions_duration_seconds_bucket{name=\"hello\",service=\"worker\",le=\"0.0025\"} 1");
        assertScraped("functions_duration_seconds_bucket{name=\"hello\",service=\"worker\",le=\"900.0\"} 1");
        assertScraped("functions_memory_bytes_bucket{name=\"hello\",service=\"worker\",le=\"65536.0\"} 1");
        assertScraped("functions_memory_bytes_bucket{name=\"hello\",service=\"worker\",le=\"1.073741824E9\"} 1");
    }

    @Test
    void countsTimeouts() {
        ended(HELLO, new Outcome.TimedOut("late"));
        assertScraped("functions_timeout_total{name=\"hello\",service=\"worker\"} 1.0");
        assertScraped("functions_errors_total{error_type=\"function_timeout\",name=\"hello\",service=\"worker\"} 1.0");
    }

    @Test
    void tellsHowMuchMemoryAFunctionMayHave() {
        ended(HELLO, new Outcome.Succeeded(new byte[0]));
        ended(new FunctionName("deleted"), new Outcome.Succeeded(new byte[0]));
        functions.ended(HELLO, TriggerType.HTTP, Duration.ZERO, Execution.notRun(new Outcome.Expired("over")), OptionalLong.empty());
        assertEquals(List.of("functions_memory_limit_bytes{name=\"hello\",service=\"worker\"} 2097152.0"),
                metrics.scrape().lines().filter(line -> line.startsWith("functions_memory_limit_bytes")).toList());
    }

    @Test
    void countsExceededMemory() {
        ended(HELLO, new Outcome.MemoryExceeded("much"));
        assertScraped("functions_memory_exceeded_total{name=\"hello\",service=\"worker\"} 1.0");
        assertScraped("functions_errors_total{error_type=\"memory_limit_exceeded\",name=\"hello\",service=\"worker\"} 1.0");
    }

    @Test
    void givesNoRunTimeToWhatDidNotRun() {
        functions.ended(HELLO, TriggerType.HTTP, Duration.ofMillis(1), Execution.notRun(new Outcome.Expired("over")), OptionalLong.empty());
        assertScraped("functions_duration_seconds_count{name=\"hello\",service=\"worker\"} 0");
        assertScraped("functions_memory_bytes_count{name=\"hello\",service=\"worker\"} 0");
        assertScraped("functions_memory_limit_bytes{name=\"hello\",service=\"worker\"} NaN");
    }

    @Test
    void endsTheSeriesOfAFunctionThatIsDeleted() {
        ended(HELLO, new Outcome.TimedOut("late"));
        deployed.remove(HELLO);
        functions.deleted(HELLO);
        assertFalse(metrics.scrape().contains("hello"));

        ended(HELLO, new Outcome.TimedOut("what was still running then"));
        functions.deadLettered(HELLO);
        assertFalse(metrics.scrape().contains("hello"));
        assertScraped("functions_timeout_total{name=\"_other\",service=\"worker\"} 1.0");
        assertScraped("functions_dead_letters_total{name=\"_other\",service=\"worker\"} 1.0");

        deployed.add(HELLO);
        ended(HELLO, new Outcome.TimedOut("late"));
        assertScraped("functions_timeout_total{name=\"hello\",service=\"worker\"} 1.0");
        assertScraped("functions_errors_total{error_type=\"function_timeout\",name=\"hello\",service=\"worker\"} 1.0");
    }

    @Test
    void hasRoomForSoManyFunctionsAndNoMore() {
        for (var i = 0; i < FunctionLabels.MAX_NAMES + 3; i++) {
            var name = new FunctionName("function-" + i);
            deployed.add(name);
            ended(name, new Outcome.Succeeded(new byte[0]));
        }
        assertEquals(FunctionLabels.MAX_NAMES + 1, metrics.scrape().lines().filter(line -> line.startsWith("functions_duration_seconds_count")).count());
        assertScraped("functions_duration_seconds_count{name=\"_other\",service=\"worker\"} 3");

        var gone = new FunctionName("function-0");
        deployed.remove(gone);
        functions.deleted(gone);
        ended(new FunctionName("function-500"), new Outcome.Succeeded(new byte[0]));
        assertScraped("functions_duration_seconds_count{name=\"function-500\",service=\"worker\"} 1");
    }

    @Test
    void countsWhatCannotBeReadFromTheStart() {
        assertScraped("worker_records_unreadable_total{service=\"worker\"} 0.0");
        functions.unreadable();
        assertScraped("worker_records_unreadable_total{service=\"worker\"} 1.0");
    }

    private void ended(FunctionName name, Outcome outcome) {
        functions.ended(name, TriggerType.HTTP, Duration.ofMillis(1), new Execution(outcome, Duration.ofMillis(2), 65536, List.of(), false),
                OptionalLong.of(2 << 20));
    }

    private void assertScraped(String line) {
        var text = metrics.scrape();
        assertTrue(text.contains(line + "\n"), () -> line + "\nis not in\n" + text.lines().filter(one -> one.contains("functions_")).toList());
    }
}
