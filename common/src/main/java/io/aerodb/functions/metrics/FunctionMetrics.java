package io.aerodb.functions.metrics;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.TriggerType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What functions do, under the names that the dashboard and the alerts use: {@code functions_invocations_total},
 * {@code functions_duration_seconds}, {@code functions_queue_seconds}, {@code functions_memory_bytes}, {@code functions_memory_limit_bytes},
 * {@code functions_timeout_total}, {@code functions_errors_total}, {@code functions_memory_exceeded_total},
 * {@code functions_retries_total} and {@code functions_dead_letters_total}; and the records that are of no function because they cannot be
 * read, {@code worker_records_unreadable_total}. Thread-safe.
 */
public final class FunctionMetrics {

    private final MeterRegistry registry;
    private final FunctionLabels labels;
    private final Map<FunctionName, FunctionMeters> functions = new ConcurrentHashMap<>();
    private final Counter unreadable;
    /** Guarded by the labels' lock. */
    private @Nullable FunctionMeters others;

    /** @param isDeployed as {@link FunctionLabels} asks */
    public FunctionMetrics(MeterRegistry registry, Predicate<FunctionName> isDeployed) {
        this.registry = registry;
        this.labels = new FunctionLabels(registry, isDeployed);
        this.unreadable = Counter.builder("worker.records.unreadable")
                .description("Records that no key of this worker fits, or that are no requests; they are dead letters").register(registry);
    }

    /**
     * Counts an attempt that ended.
     *
     * @param memoryLimitBytes empty where it was not run
     */
    public void ended(FunctionName name, TriggerType trigger, Duration queue, Execution execution, OptionalLong memoryLimitBytes) {
        of(name).ended(trigger, queue, execution, memoryLimitBytes);
    }

    /** Counts that another attempt was scheduled. */
    public void retried(FunctionName name) {
        of(name).retried();
    }

    /** Counts an invocation that was put to the dead letters. */
    public void deadLettered(FunctionName name) {
        of(name).deadLettered();
    }

    /** Counts a record that was put to the dead letters because it cannot be read. */
    public void unreadable() {
        unreadable.increment();
    }

    /** Ends the series of a function that has stopped to count as deployed. */
    public void deleted(FunctionName name) {
        labels.deleted(name);
        functions.remove(name);
    }

    private FunctionMeters of(FunctionName name) {
        var known = functions.get(name);
        return known != null ? known : labels.register(name, label -> label.equals(FunctionLabels.OTHER) ? others(label) : named(name, label));
    }

    private FunctionMeters named(FunctionName name, String label) {
        return functions.computeIfAbsent(name, _ -> new FunctionMeters(label, registry, counter -> labels.register(name, counter)));
    }

    private FunctionMeters others(String label) {
        var known = others;
        if (known == null) {
            known = new FunctionMeters(label, registry, counter -> counter.apply(label));
            others = known;
        }
        return known;
    }
}
