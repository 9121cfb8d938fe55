package io.aerodb.functions.metrics;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.TriggerType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What functions do, under the names that the dashboards and alerts use: {@code functions_invocations_total},
 * {@code functions_duration_seconds}, {@code functions_queue_seconds}, {@code functions_memory_bytes},
 * {@code functions_timeout_total}, {@code functions_errors_total}, {@code functions_memory_exceeded_total},
 * {@code functions_retries_total} and {@code functions_dead_letters_total}.
 *
 * <p>The label {@code name} only ever holds names of deployed functions, so there are no more series than those. Thread-safe.
 */
public final class FunctionMetrics {

    private final MeterRegistry registry;
    private final Map<FunctionName, PerFunction> functions = new ConcurrentHashMap<>();

    public FunctionMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Counts that another attempt was scheduled. */
    public void retried(FunctionName name) {
        functions.computeIfAbsent(name, PerFunction::new).retries.increment();
    }

    /** Counts an invocation that was put to the dead letters. */
    public void deadLettered(FunctionName name) {
        functions.computeIfAbsent(name, PerFunction::new).deadLetters.increment();
    }

    /** Counts an attempt that ended. */
    public void ended(FunctionName name, TriggerType trigger, Duration queue, Execution execution) {
        var function = functions.computeIfAbsent(name, PerFunction::new);
        var outcome = execution.outcome();
        function.invocations(trigger, outcome).increment();
        function.queue.record(queue);
        if (execution.memoryPeakBytes() > 0) {
            function.duration.record(execution.run());
            function.memory.record(execution.memoryPeakBytes());
        }
        switch (outcome) {
            case Outcome.Succeeded _ -> { }
            case Outcome.TimedOut _, Outcome.Expired _ -> {
                function.timeouts.increment();
                function.errors(outcome).increment();
            }
            case Outcome.MemoryExceeded _ -> {
                function.memoryExceeded.increment();
                function.errors(outcome).increment();
            }
            case Outcome.Failed _, Outcome.Rejected _ -> function.errors(outcome).increment();
        }
    }

    private final class PerFunction {

        private final String name;
        private final Timer duration;
        private final Timer queue;
        private final DistributionSummary memory;
        private final Counter timeouts;
        private final Counter memoryExceeded;
        private final Counter retries;
        private final Counter deadLetters;
        private final Map<String, Counter> counters = new ConcurrentHashMap<>();

        PerFunction(FunctionName function) {
            name = function.value();
            duration = Timer.builder("functions.duration").description("Run time of invocations")
                    .tag("name", name).publishPercentileHistogram().register(registry);
            queue = Timer.builder("functions.queue").description("Time from acceptance to the start of the run")
                    .tag("name", name).publishPercentileHistogram().register(registry);
            memory = DistributionSummary.builder("functions.memory").description("Peak of the module's linear memory")
                    .baseUnit("bytes").tag("name", name).publishPercentiles(0.5, 0.95, 0.99).register(registry);
            timeouts = Counter.builder("functions.timeout").description("Invocations that ran out of time")
                    .tag("name", name).register(registry);
            memoryExceeded = Counter.builder("functions.memory.exceeded").description("Invocations that asked for too much memory")
                    .tag("name", name).register(registry);
            retries = Counter.builder("functions.retries").description("Attempts that are followed by another one")
                    .tag("name", name).register(registry);
            deadLetters = Counter.builder("functions.dead.letters").description("Invocations that did not succeed, and are not tried again")
                    .tag("name", name).register(registry);
        }

        Counter invocations(TriggerType trigger, Outcome outcome) {
            return counters.computeIfAbsent(trigger.label() + ' ' + outcome.status(), _ -> Counter.builder("functions.invocations")
                    .description("Invocations that ended")
                    .tag("name", name).tag("trigger", trigger.label()).tag("status", outcome.status())
                    .register(registry));
        }

        Counter errors(Outcome outcome) {
            return counters.computeIfAbsent(outcome.code(), code -> Counter.builder("functions.errors")
                    .description("Invocations that did not succeed")
                    .tag("name", name).tag("error_type", code)
                    .register(registry));
        }
    }
}
