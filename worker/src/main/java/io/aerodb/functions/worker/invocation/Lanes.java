package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.admission.CircuitBreakers;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.RequestSpans;
import io.aerodb.functions.metrics.FunctionMetrics;
import io.aerodb.functions.telemetry.Tracing;
import io.aerodb.functions.worker.WorkerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;

/** Both lanes of one worker: what waits on one never takes a slot of the other. */
public final class Lanes implements AutoCloseable {

    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);
    private static final long BUFFER_BYTES = 64 << 20;

    private final Producer<byte[], byte[]> producer;
    /** One for each lane: what Kafka does not take of one is not to hold up the other. */
    private final OutcomePublisher replies;
    private final OutcomePublisher eventOutcomes;
    private final Lane interactive;
    private final Lane events;

    /**
     * @param worker names this worker in rows
     * @param registry stays the caller's to close
     * @param liveWorkers how many workers there are, this one included; asked often, and must not block
     */
    public Lanes(WorkerSettings settings, String worker, FunctionRunner functions, ClaimBatcher claims, StoredResults results,
            FunctionRegistry registry, IntSupplier liveWorkers, MeterRegistry metrics, Tracing tracing, Clock clock) {
        producer = settings.kafka().producer(DELIVERY_TIMEOUT, DELIVERY_TIMEOUT, BUFFER_BYTES);
        replies = new OutcomePublisher(producer, clock);
        eventOutcomes = new OutcomePublisher(producer, clock);
        var codec = new RequestCodec(settings.recordKeys(), "/worker/" + worker);
        var spans = new RequestSpans(tracing);
        var circuits = new CircuitBreakers(metrics);
        var functionMetrics = new FunctionMetrics(metrics, name -> registry.cached(name).isPresent());
        registry.onDelete(circuits::deleted);
        registry.onDelete(functionMetrics::deleted);
        var callRunner = new InvocationRunner(codec, functions, claims, results, replies, circuits, functionMetrics, spans, clock, worker);
        var eventRunner = new InvocationRunner(codec, functions, claims, results, eventOutcomes, circuits, functionMetrics, spans, clock, worker);
        interactive = new Lane(LaneKind.INTERACTIVE, settings, callRunner::run, replies::bytes, _ -> Integer.MAX_VALUE, metrics, clock);
        events = new Lane(LaneKind.EVENTS, settings, eventRunner::run, eventOutcomes::bytes, new ConcurrencyShare(registry, liveWorkers),
                metrics, clock);
    }

    public void start() {
        interactive.start();
        events.start();
    }

    /** Whether the records of a partition are for this worker now. */
    public boolean has(TopicPartition partition) {
        return interactive.has(partition) || events.has(partition);
    }

    /** Where callers wait. */
    public Lane interactive() {
        return interactive;
    }

    /** Where nobody waits. */
    public Lane events() {
        return events;
    }

    /** Stops both at the same time, so that it takes one drain timeout and not two, and makes the outcomes durable. */
    @Override
    public void close() throws InterruptedException {
        interactive.stop();
        events.stop();
        try {
            interactive.close();
        } finally {
            try {
                events.close();
            } finally {
                producer.close(DELIVERY_TIMEOUT);
                replies.close();
                eventOutcomes.close();
            }
        }
    }
}
