package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.admission.CircuitBreakers;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.metrics.FunctionMetrics;
import io.aerodb.functions.worker.WorkerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.Producer;

/** Both lanes of one worker: what waits on one never takes a slot of the other. */
public final class Lanes implements AutoCloseable {

    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);
    private static final long BUFFER_BYTES = 64 << 20;

    private final Producer<byte[], byte[]> producer;
    private final OutcomePublisher publisher;
    private final Lane interactive;
    private final Lane events;

    /**
     * @param worker names this worker in rows
     * @param registry stays the caller's to close
     * @param liveWorkers how many workers there are, this one included; asked often, and must not block
     */
    public Lanes(WorkerSettings settings, String worker, FunctionRunner functions, ClaimBatcher claims, StoredResults results,
            FunctionRegistry registry, IntSupplier liveWorkers, MeterRegistry metrics, Clock clock) {
        producer = settings.kafka().producer(DELIVERY_TIMEOUT, DELIVERY_TIMEOUT, BUFFER_BYTES);
        publisher = new OutcomePublisher(producer, clock);
        var runner = new InvocationRunner(new RequestCodec(settings.recordKeys(), "/worker/" + worker), functions,
                claims, results, publisher, new CircuitBreakers(metrics), new FunctionMetrics(metrics), clock, worker);
        interactive = new Lane(LaneKind.INTERACTIVE, settings, runner::run, _ -> Integer.MAX_VALUE, metrics, clock);
        events = new Lane(LaneKind.EVENTS, settings, runner::run, new ConcurrencyShare(registry, liveWorkers), metrics, clock);
    }

    public void start() {
        interactive.start();
        events.start();
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
                publisher.close();
            }
        }
    }
}
