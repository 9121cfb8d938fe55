package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.triggerbridge.capture.Slot;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks every second how the slot is, so that metrics and readiness can be answered from memory. */
final class SlotMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SlotMonitor.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final Slot slot;
    private final long maxLagBytes;
    private final Thread thread = Thread.ofPlatform().name("slot-monitor").daemon().unstarted(this::watchUntilClosed);
    private volatile Optional<Slot.Status> status = Optional.empty();
    private volatile boolean asked;
    private volatile boolean reachable = true;
    private boolean warned;

    /** @param lost whether this bridge has found that there are changes which the slot does not tell any more */
    SlotMonitor(Slot slot, long maxLagBytes, BooleanSupplier lost, MeterRegistry metrics) {
        this.slot = slot;
        this.maxLagBytes = maxLagBytes;
        bytes(metrics, "bridge.slot.lag", "What waits to be read of PostgreSQL's log", Slot.Status::lagBytes);
        bytes(metrics, "bridge.slot.retained", "What PostgreSQL keeps of its log for the bridge", Slot.Status::retainedBytes);
        bytes(metrics, "bridge.slot.safe", "What PostgreSQL may still log before it gives the slot up",
                it -> it.safeBytes() == null ? Double.POSITIVE_INFINITY : it.safeBytes());
        Gauge.builder("bridge.slot.lost", this, monitor -> lost.getAsBoolean() ? 1
                        : monitor.asked ? monitor.status.map(Slot.Status::lost).orElse(true) ? 1 : 0 : Double.NaN)
                .description("1 while there is no slot that keeps changes").register(metrics);
        thread.start();
    }

    /** Whether the application's database answered when it was last asked. */
    boolean isReachable() {
        return reachable;
    }

    /** Whether changes are kept for us, and not too many wait. */
    boolean isWell() {
        return status.filter(it -> !it.lost() && it.lagBytes() <= maxLagBytes && !isHalfWayToLoss(it)).isPresent();
    }

    private static boolean isHalfWayToLoss(Slot.Status status) {
        return status.safeBytes() != null && status.retainedBytes() > status.safeBytes();
    }

    private void bytes(MeterRegistry metrics, String name, String description, ToDoubleFunction<Slot.Status> value) {
        Gauge.builder(name, this, monitor -> monitor.status.map(value::applyAsDouble).orElse(Double.NaN)).baseUnit("bytes")
                .description(description).register(metrics);
    }

    private void watchUntilClosed() {
        while (true) {
            try {
                status = slot.status();
                asked = true;
                reachable = true;
                warn(status.filter(SlotMonitor::isHalfWayToLoss));
            } catch (UnavailableException | DatabaseException e) {
                reachable = false;
            }
            try {
                Thread.sleep(INTERVAL);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void warn(Optional<Slot.Status> danger) {
        if (danger.isPresent() != warned) {
            warned = danger.isPresent();
            danger.ifPresentOrElse(
                    it -> LOG.atError().addKeyValue("slot", slot.name()).addKeyValue("retainedBytes", it.retainedBytes()).addKeyValue("safeBytes", it.safeBytes())
                            .log("PostgreSQL keeps more than half of what it may for the slot, and will give it up: see why the bridge does not come along, or raise max_slot_wal_keep_size"),
                    () -> LOG.atInfo().addKeyValue("slot", slot.name()).log("the slot is out of danger"));
        }
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
