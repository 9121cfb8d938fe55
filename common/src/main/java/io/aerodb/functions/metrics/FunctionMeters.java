package io.aerodb.functions.metrics;

import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.TriggerType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/** What is measured of one function, or of all that share a label. Recording makes no objects once a counter was used. Thread-safe. */
final class FunctionMeters {

    private static final int STATUSES = InvocationStatus.values().length;

    private final MeterRegistry registry;
    private final Labelling labelling;
    private final Timer duration;
    private final Timer queue;
    private final DistributionSummary memory;
    private final Counter timeouts;
    private final Counter memoryExceeded;
    private final Counter retries;
    private final Counter deadLetters;
    /** By trigger and status. */
    private final AtomicReferenceArray<Counter> invocations = new AtomicReferenceArray<>(TriggerType.values().length * STATUSES);
    private final Map<String, Counter> errors = new ConcurrentHashMap<>();
    private volatile double memoryLimit = Double.NaN;

    /** Registers a counter under the label that counts by then. */
    interface Labelling {
        Counter register(Function<String, Counter> counter);
    }

    FunctionMeters(String label, MeterRegistry registry, Labelling labelling) {
        this.registry = registry;
        this.labelling = labelling;
        duration = Histograms.ofTimes("functions.duration", "Run time of attempts that ran").tag("name", label).register(registry);
        queue = Histograms.ofTimes("functions.queue", "Time from acceptance to the start of the run").tag("name", label).register(registry);
        memory = Histograms.ofMemory("functions.memory", "Peak of the module's linear memory").tag("name", label).register(registry);
        if (!label.equals(FunctionLabels.OTHER)) { // others have no limit in common
            Gauge.builder("functions.memory.limit", this, meters -> meters.memoryLimit).description("Memory that a run may have")
                    .baseUnit("bytes").tag("name", label).register(registry);
        }
        timeouts = counter("functions.timeout", "Attempts that ran out of time").tag("name", label).register(registry);
        memoryExceeded = counter("functions.memory.exceeded", "Attempts that asked for too much memory").tag("name", label).register(registry);
        retries = counter("functions.retries", "Attempts that are followed by another one").tag("name", label).register(registry);
        deadLetters = counter("functions.dead.letters", "Invocations that did not succeed, and are not tried again").tag("name", label).register(registry);
    }

    void retried() {
        retries.increment();
    }

    void deadLettered() {
        deadLetters.increment();
    }

    void ended(TriggerType trigger, Duration queued, Execution execution, OptionalLong memoryLimitBytes) {
        var outcome = execution.outcome();
        invocations(trigger, outcome).increment();
        queue.record(queued);
        if (memoryLimitBytes.isPresent()) {
            memoryLimit = memoryLimitBytes.getAsLong();
        }
        if (execution.memoryPeakBytes() > 0) {
            duration.record(execution.run());
            memory.record(execution.memoryPeakBytes());
        }
        switch (outcome) {
            case Outcome.Succeeded _ -> { }
            case Outcome.TimedOut _, Outcome.Expired _ -> {
                timeouts.increment();
                errors(outcome).increment();
            }
            case Outcome.MemoryExceeded _ -> {
                memoryExceeded.increment();
                errors(outcome).increment();
            }
            case Outcome.Failed _, Outcome.Rejected _ -> errors(outcome).increment();
        }
    }

    private Counter invocations(TriggerType trigger, Outcome outcome) {
        var index = trigger.ordinal() * STATUSES + outcome.invocationStatus().ordinal();
        var known = invocations.get(index);
        if (known != null) {
            return known;
        }
        var counter = labelling.register(label -> counter("functions.invocations", "Attempts that ended")
                .tag("name", label).tag("trigger", trigger.label()).tag("status", outcome.status()).register(registry));
        invocations.set(index, counter);
        return counter;
    }

    private Counter errors(Outcome outcome) {
        var known = errors.get(outcome.code());
        if (known != null) {
            return known;
        }
        var counter = labelling.register(label -> counter("functions.errors", "Attempts that did not succeed")
                .tag("name", label).tag("error_type", outcome.code()).register(registry));
        errors.put(outcome.code(), counter);
        return counter;
    }

    private static Counter.Builder counter(String name, String description) {
        return Counter.builder(name).description(description);
    }
}
