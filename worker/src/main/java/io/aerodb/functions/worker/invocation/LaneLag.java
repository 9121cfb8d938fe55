package io.aerodb.functions.worker.invocation;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * How far a worker is behind the ends of its partitions. The consumer cannot tell: it learns where a partition ends by reading it, and it
 * does not read those that are paused. Thread-safe.
 */
final class LaneLag implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final Admin admin;
    private final Supplier<Map<TopicPartition, Long>> positions;

    /**
     * @param admin is closed here
     * @param positions where this worker's partitions stand
     */
    LaneLag(Admin admin, Supplier<Map<TopicPartition, Long>> positions) {
        this.admin = admin;
        this.positions = positions;
    }

    /** Asks Kafka, for half a second at most; not a number if it does not answer. */
    double records() {
        var from = positions.get();
        if (from.isEmpty()) {
            return 0;
        }
        try {
            var ends = admin.listOffsets(from.keySet().stream().collect(Collectors.toMap(Function.identity(), _ -> OffsetSpec.latest())))
                    .all().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return from.entrySet().stream().mapToLong(entry -> Math.max(0, ends.get(entry.getKey()).offset() - entry.getValue())).sum();
        } catch (ExecutionException | TimeoutException e) {
            return Double.NaN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Double.NaN;
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
