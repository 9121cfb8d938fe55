package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.kafka.KafkaMonitor;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.lifecycle.Health;
import io.aerodb.functions.lifecycle.OperationsServer;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.metrics.Metrics;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.telemetry.Tracing;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.TriggerStore;
import io.aerodb.functions.triggerbridge.backfill.Backfills;
import io.aerodb.functions.triggerbridge.capture.LogReader;
import io.aerodb.functions.triggerbridge.capture.Slot;
import io.aerodb.functions.triggerbridge.dispatch.ChangePublisher;
import io.aerodb.functions.triggerbridge.dispatch.Dispatcher;
import io.aerodb.functions.triggerbridge.dispatch.EventSink;
import io.aerodb.functions.triggerbridge.dispatch.ReadRequests;
import io.aerodb.functions.triggerbridge.dispatch.RunCaps;
import io.aerodb.functions.triggerbridge.dispatch.TriggerTable;
import io.aerodb.functions.triggerbridge.dispatch.WindowEnds;
import io.aerodb.functions.triggerbridge.realtime.RealtimeTables;
import io.micrometer.core.instrument.Gauge;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running trigger bridge. Of all that run one reads the log of the application's database, the others wait for their turn. */
public final class TriggerBridge implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TriggerBridge.class);

    private final ShutdownSequence parts;
    private final Health health;
    private final ActiveTurn turn;
    private final int port;

    private TriggerBridge(ShutdownSequence parts, Health health, ActiveTurn turn, int port) {
        this.parts = parts;
        this.health = health;
        this.turn = turn;
        this.port = port;
    }

    /**
     * Builds every part by hand and starts it; waits for Kafka and PostgreSQL as long as it takes.
     *
     * @throws InterruptedException if it is to be stopped meanwhile
     * @throws io.aerodb.functions.lifecycle.StartRefusedException if the application's database or our role in it cannot be used
     */
    public static TriggerBridge start(BridgeSettings settings) throws Exception {
        var parts = new ShutdownSequence();
        try {
            var name = "bridge-" + UUID.randomUUID().toString().substring(0, 8);
            var clock = Clock.systemUTC();
            var metrics = parts.add("metrics", new Metrics("bridge"));
            var tracing = parts.add("tracing", Tracing.of(settings.tracing(), "trigger-bridge", name));

            var database = parts.add("database", new Database(settings.database(), "aerofn-bridge", metrics.registry()));
            database.migrate();
            var source = parts.add("source", new Database(settings.source(), "aerofn-bridge-source", metrics.registry()));
            var systemId = new SourceCheck(source).await();
            var slot = Slot.of(source, database);
            var tables = new WatchedTables(source);
            tables.prepare();

            TopicProvisioning.ensure(settings.kafka(), settings.topics());
            TopicProvisioning.ensure(settings.kafka(), settings.realtime().definitions(settings.topics()));
            var kafka = parts.add("kafka-monitor", new KafkaMonitor(settings.kafka()));
            var codec = new RequestCodec(settings.recordKeys(), "/" + name, tracing);

            var turns = new AtomicReference<ActiveTurn>();
            var keeper = new TableKeeper(tables, () -> wanted(database, settings.realtime()), () -> turns.get().isActive(), () -> turns.get().restartReader());
            var triggers = parts.add("triggers", new TriggerTable(database, new FunctionStore(database), keeper::look));
            var sink = parts.add("producer", new EventSink(settings.kafka(), codec, name, metrics.registry()));
            var windows = parts.add("window-ends", new WindowEnds(tables::closeBatches));
            var publisher = new ChangePublisher(settings.realtime(), sink, systemId);
            var pulse = new Pulse(metrics.registry(), System::nanoTime);
            var turn = new ActiveTurn(source, slot,
                    epoch -> {
                        pulse.heard();
                        triggers.reload(); // what another bridge has heard while it was its turn
                        keeper.look();
                        tables.prepare(); // somebody may have dropped the key
                        var dispatcher = new Dispatcher(systemId, triggers, tables.identityKey(), sink, publisher, windows,
                                new RunCaps(settings.rowRate(), settings.tableRate()), metrics.registry(), clock);
                        return new LogReader(settings.source(), settings.database(), slot, epoch, changes -> {
                            var handled = dispatcher.handle(changes);
                            if (sink.isMoving()) {
                                pulse.heard();
                            }
                            return handled;
                        });
                    },
                    () -> pulse.isStuck(!kafka.isReachable()));
            turns.set(turn);
            var monitor = parts.add("slot-monitor", new SlotMonitor(slot, settings.maxLagBytes(), turn::isSlotLost, metrics.registry()));
            triggers.start();
            triggers.awaitLoaded();
            parts.add("turn", turn).start();
            parts.add("tables", keeper).start();
            var reads = new ReadRequests(parts.add("backfill-producer", new EventSink(settings.kafka(), codec, name, metrics.registry())), clock);
            parts.add("backfills", new Backfills(database, source, settings.source(), reads, turn::isActive, metrics.registry())).start();
            Gauge.builder("bridge.active", turn, it -> it.isActive() ? 1 : 0)
                    .description("1 while this bridge is the one that reads").register(metrics.registry());

            var health = new Health()
                    .dependency("kafka", kafka::isReachable)
                    .dependency("postgres", database::isReachable)
                    .dependency("source", monitor::isReachable)
                    .dependency("slot", monitor::isWell)
                    .dependency("reader", () -> turn.isWell() && (!turn.isActive() || pulse.isFelt()));
            health.bindTo(metrics.registry());
            var operations = parts.add("operations", new OperationsServer(settings.host(), settings.port(), health, metrics::scrape));
            LOG.atInfo().addKeyValue("bridge", name).addKeyValue("port", operations.port()).log("trigger bridge has started");
            return new TriggerBridge(parts, health, turn, operations.port());
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    /** What changes are captured for: functions, and topics of changes. */
    private static List<DatabaseTrigger> wanted(Database database, RealtimeTables realtime) {
        return Stream.concat(database.run(TriggerStore::databaseTriggers).stream(), realtime.captured().stream()).toList();
    }

    /** The port of health and metrics. */
    public int port() {
        return port;
    }

    public boolean isReady() {
        return health.report().isReady();
    }

    /** Whether this is the bridge that reads. */
    public boolean isActive() {
        return turn.isActive();
    }

    /** Lets what is being handled end, and stops. */
    @Override
    public void close() {
        parts.close();
    }
}
