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
    private volatile boolean reachable = true;
    private boolean warned;

    /** @param lost whether this bridge has found that there are changes which the slot does not tell any more */
    SlotMonitor(Slot slot, long maxLagBytes, BooleanSupplier lost, MeterRegistry metrics) {
        this.slot = slot;
        this.maxLagBytes = maxLagBytes;
        gauge(metrics, "bridge.slot.lag", "Bytes of PostgreSQL's log that wait to be read", Slot.Status::lagBytes);
        gauge(metrics, "bridge.slot.retained", "Bytes of its log that PostgreSQL keeps for the bridge", Slot.Status::retainedBytes);
        Gauge.builder("bridge.slot.lost", this, monitor -> lost.getAsBoolean() || monitor.status.filter(Slot.Status::lost).isPresent() ? 1 : 0)
                .description("1 while the slot is lost and changes are not known").register(metrics);
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

    private void gauge(MeterRegistry metrics, String name, String description, ToDoubleFunction<Slot.Status> value) {
        Gauge.builder(name, this, monitor -> monitor.status.map(value::applyAsDouble).orElse(Double.NaN)).description(description).register(metrics);
    }

    private void watchUntilClosed() {
        while (true) {
            try {
                status = slot.status();
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
