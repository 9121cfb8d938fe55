package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.metrics.FunctionMetrics;
import io.aerodb.functions.worker.WorkerSettings;
import io.aerodb.functions.worker.wasm.Sandbox;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import org.apache.kafka.clients.producer.Producer;

/**
 * The interactive lane of one worker, where callers wait.
 *
 * <p>{@code LaneConsumer → Slots → InvocationRunner → Sandbox → OutcomePublisher}
 */
public final class InvokeLane implements AutoCloseable {

    static final String GROUP = "functions-invoke";

    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);
    private static final long BUFFER_BYTES = 64 << 20;

    private final Producer<byte[], byte[]> producer;
    private final OutcomePublisher publisher;
    private final Slots slots;
    private final LaneConsumer consumer;

    /** @param worker names this worker in rows */
    public InvokeLane(WorkerSettings settings, String worker, FunctionRunner functions, ClaimBatcher claims, StoredResults results,
            MeterRegistry metrics, Clock clock) {
        producer = settings.kafka().producer(DELIVERY_TIMEOUT, DELIVERY_TIMEOUT, BUFFER_BYTES);
        publisher = new OutcomePublisher(producer, clock);
        slots = new Slots(settings.slots());
        var runner = new InvocationRunner(new RequestCodec(settings.recordKeys(), "/worker/" + worker), functions, claims, results,
                publisher, new FunctionMetrics(metrics), clock, worker);
        consumer = new LaneConsumer(settings.kafka(), Topics.INVOKE, GROUP, slots, runner, settings.drainTimeout());
        Gauge.builder("worker.slots.busy", slots, Slots::busy).description("Functions running").register(metrics);
        Gauge.builder("worker.slots.queued", slots, Slots::queued).description("Requests taken that wait for a slot").register(metrics);
    }

    public void start() {
        consumer.start();
    }

    /** Whether requests reach this worker. */
    public boolean hasJoined() {
        return consumer.hasJoined();
    }

    /** Takes nothing more, lets what runs end within the drain timeout, and makes its outcomes durable. */
    @Override
    public void close() throws InterruptedException {
        consumer.close();
        slots.close();
        producer.close(DELIVERY_TIMEOUT);
        publisher.close();
    }
}
