package io.aerodb.functions.kafka;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks Kafka every second whether it is there, so that readiness can be answered from memory. */
public final class KafkaMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaMonitor.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    private final Admin admin;
    private final Thread thread = Thread.ofPlatform().name("kafka-monitor").daemon().unstarted(this::watchUntilClosed);
    private volatile boolean reachable = true;

    /** Starts at once, with the assumption that Kafka is there. */
    public KafkaMonitor(Kafka kafka) {
        admin = kafka.admin();
        thread.start();
    }

    public boolean isReachable() {
        return reachable;
    }

    private void watchUntilClosed() {
        try {
            while (true) {
                var now = answers();
                if (now != reachable) {
                    LOG.atWarn().log(now ? "Kafka is back" : "Kafka does not answer");
                }
                reachable = now;
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private boolean answers() throws InterruptedException {
        try {
            admin.describeCluster().clusterId().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        admin.close(Duration.ZERO);
    }
}
