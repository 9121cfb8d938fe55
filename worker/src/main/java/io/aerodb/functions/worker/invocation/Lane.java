package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.worker.WorkerSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * One lane of one worker, with slots of its own.
 *
 * <p>{@code LaneConsumer → LaneWork → Slots → InvocationRunner → Sandbox → OutcomePublisher}
 */
public final class Lane implements AutoCloseable {

    private static final int MAX_POLL_RECORDS = 500;

    private final Duration drainTimeout;
    private final LaneWork work;
    private final LaneConsumer consumer;
    private final LaneLag lag;
    private long drained;

    /**
     * @param outcomes bytes of what the runner has on its way to the log
     * @param limit runs of a function this worker may have at once, besides its share of the slots
     */
    Lane(LaneKind kind, WorkerSettings settings, LaneWork.Runner runner, LongSupplier outcomes, ToIntFunction<FunctionName> limit,
            MeterRegistry metrics, Clock clock) {
        var lanes = settings.lanes();
        var slots = lanes.slots(kind);
        drainTimeout = settings.drainTimeout();
        work = new LaneWork(body -> new Slots(slots, lanes.perFunction(kind), limit, clock, body), MemoryLimit.forSlots(slots), runner, outcomes,
                clock);
        consumer = new LaneConsumer(kind, () -> settings.kafka().groupConsumer(lanes.group(kind), MAX_POLL_RECORDS, Duration.ZERO),
                work, drainTimeout);
        lag = new LaneLag(settings.kafka().admin(), work::positions);
        Gauge.builder("worker.slots", () -> slots).tag("lane", kind.label()).description("Functions that may run at once").register(metrics);
        Gauge.builder("worker.slots.busy", work, LaneWork::busySlots).tag("lane", kind.label()).description("Functions running").register(metrics);
        Gauge.builder("worker.slots.queued", work, LaneWork::waiting).tag("lane", kind.label())
                .description("Requests taken that have not begun").register(metrics);
        Gauge.builder("worker.lane.lag", lag, LaneLag::records).tag("lane", kind.label())
                .description("Requests on the log, in this worker's partitions, from the first one that is not done").register(metrics);
    }

    void start() {
        consumer.start();
    }

    /** Whether requests reach this worker. */
    public boolean hasJoined() {
        return consumer.hasJoined();
    }

    boolean has(TopicPartition partition) {
        return work.has(partition);
    }

    /** Begins to stop: takes nothing more. */
    void stop() {
        drained = System.nanoTime() + drainTimeout.toNanos();
        consumer.stop();
    }

    /** After {@link #stop}: hands its partitions over, lets what runs end within the drain timeout, and interrupts the rest. */
    @Override
    public void close() throws InterruptedException {
        try {
            consumer.close();
            work.awaitIdle(drained);
        } finally {
            work.close();
            lag.close();
        }
    }
}
