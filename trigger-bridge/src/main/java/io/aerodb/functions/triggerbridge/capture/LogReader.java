package io.aerodb.functions.triggerbridge.capture;

import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.source.IdentityKey;
import io.aerodb.functions.source.WatchedTables;
import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log through its slot from where it was left, on threads of its own, until it is closed or fails. A transaction is done with
 * when its end is: after a crash it is read again as a whole.
 */
public final class LogReader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(30);
    private static final Duration STOP_PAUSE = Duration.ofMillis(100);
    private static final String HEARTBEAT = "SELECT pg_logical_emit_message(false, 'aerodb.heartbeat', '')";

    private final Handler handler;
    private final ChangeDecoder decoder;
    private final Progress progress;
    private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private final Thread thread;
    private final Outstanding<RecordChangeEvent<SourceRecord>> outstanding = new Outstanding<>(System::nanoTime);
    private boolean insideTransaction;
    private volatile boolean closed;

    /** Deals with changes. Called from one thread at a time. */
    public interface Handler {
        /**
         * Takes changes on, while what follows from those before may not be durable yet. What fails is read again later.
         *
         * @param changes up to the next place where reading may go on, or fewer; not to be used any more when this returns
         * @return how far it is with these
         */
        Handled handle(List<Change> changes) throws InterruptedException;
    }

    /**
     * @param own the services' own database, which has the offsets
     * @param epoch under which they are kept
     */
    public LogReader(DatabaseSettings source, DatabaseSettings own, Slot slot, long epoch, Handler handler) {
        this.handler = handler;
        var unavailable = "unavailable-" + UUID.randomUUID();
        this.decoder = new ChangeDecoder(unavailable);
        this.progress = new Progress(slot::verify, () -> slot.isKeptUnder(epoch));
        this.engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(properties(source, own, slot.name(), epoch, unavailable))
                .using(progress)
                .using(LogReader.class.getClassLoader())
                .using((boolean success, String message, @Nullable Throwable error) -> ended(message, error))
                .notifying(this::handle)
                .build();
        this.thread = Thread.ofPlatform().name("log-reader").unstarted(engine);
    }

    public void start() {
        thread.start();
    }

    /** Whether it reads, or is about to. */
    public boolean isAlive() {
        return thread.isAlive() && !progress.hasFailed();
    }

    private void handle(List<RecordChangeEvent<SourceRecord>> events, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        var changes = new ArrayList<Change>(events.size());
        for (var event : events) {
            var change = decoder.decode(event.record()).orElse(null);
            if (change == null) {
                continue;
            }
            changes.add(change);
            insideTransaction = change instanceof Change.Begun || insideTransaction && !(change instanceof Change.Ended);
            if (!insideTransaction && (change instanceof Change.Ended || change instanceof Change.Quiet)) {
                outstanding.add(event, handler.handle(changes));
                changes.clear();
            }
        }
        if (!changes.isEmpty()) {
            outstanding.add(null, handler.handle(changes));
        }
        progress.dealtWith(outstanding.reached(), committer);
    }

    private void ended(@Nullable String message, @Nullable Throwable error) {
        if (error != null && !closed) {
            LOG.atWarn().addKeyValue("cause", String.valueOf(error.getMessage())).log("reading the log failed, will start over: {}", message);
        }
    }

    /** Lets what is being handled end. */
    @Override
    public void close() {
        closed = true;
        progress.close();
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Debezium cannot be stopped just while it starts. */
    private void stop() throws InterruptedException {
        var end = System.nanoTime() + LONGEST_STOP.toNanos();
        while (thread.isAlive() && System.nanoTime() < end) {
            try {
                engine.close();
            } catch (IOException | IllegalStateException e) {
                LOG.atDebug().setCause(e).log("the reader cannot be stopped right now, or has stopped");
            }
            thread.join(STOP_PAUSE);
        }
        if (thread.isAlive()) {
            LOG.atError().log("a reader does not stop; what it has still to keep will be refused");
        }
    }

    private static Properties properties(DatabaseSettings source, DatabaseSettings own, String slot, long epoch, String unavailable) {
        var given = properties(source, unavailable);
        given.setProperty("slot.name", slot);
        offsets(given, own, slot, epoch);
        pace(given);
        return given;
    }

    /** What all have in common that tell of rows. */
    static Properties properties(DatabaseSettings source, String unavailable) {
        var given = new Properties();
        given.setProperty("name", ChangeDecoder.PREFIX);
        given.setProperty("topic.prefix", ChangeDecoder.PREFIX);
        given.setProperty("connector.class", PostgresConnector.class.getName());
        SourceAddress.parse(source.url()).in(given);
        given.setProperty("database.user", source.user());
        given.setProperty("database.password", source.password().value());
        given.setProperty("plugin.name", "pgoutput");
        given.setProperty("publication.name", WatchedTables.PUBLICATION);
        given.setProperty("publication.autocreate.mode", "disabled");
        given.setProperty("snapshot.mode", "no_data");
        given.setProperty("logical.decoding.message.prefix.include.list", String.join(",", IdentityKey.MESSAGE, WatchedTables.TRIGGERS_CHANGED, WatchedTables.BATCHES_DUE));
        values(given, unavailable);
        return given;
    }

    private static void offsets(Properties given, DatabaseSettings own, String slot, long epoch) {
        given.setProperty("offset.storage", SlotOffsets.class.getName());
        given.setProperty(SlotOffsets.URL, own.url());
        given.setProperty(SlotOffsets.USER, own.user());
        given.setProperty(SlotOffsets.PASSWORD, own.password().value());
        given.setProperty(SlotOffsets.SLOT, slot);
        given.setProperty(SlotOffsets.EPOCH, String.valueOf(epoch));
        given.setProperty("lsn.flush.mode", "connector"); // never further than is kept
        given.setProperty("provide.transaction.metadata", "true");
    }

    private static void values(Properties given, String unavailable) {
        given.setProperty("unavailable.value.placeholder", unavailable);
        given.setProperty("datatype.propagate.source.type", ".*");
        given.setProperty("decimal.handling.mode", "string");
        given.setProperty("binary.handling.mode", "hex");
        given.setProperty("interval.handling.mode", "string");
        given.setProperty("hstore.handling.mode", "json");
        given.setProperty("time.precision.mode", "adaptive_time_microseconds");
        given.setProperty("include.unknown.datatypes", "true");
        given.setProperty("tombstones.on.delete", "false");
    }

    /** Whoever starts us starts over after a failure, so Debezium need not. */
    private static void pace(Properties given) {
        given.setProperty("poll.interval.ms", "1");
        given.setProperty("max.batch.size", "2048");
        given.setProperty("max.queue.size", "8192");
        given.setProperty("max.queue.size.in.bytes", String.valueOf(64 << 20));
        given.setProperty("record.processing.threads", "1");
        given.setProperty("record.processing.shutdown.timeout.ms", "1000");
        given.setProperty("task.management.timeout.ms", "10000");
        given.setProperty("status.update.interval.ms", "1000");
        given.setProperty("heartbeat.interval.ms", "2000");
        given.setProperty("heartbeat.action.query", HEARTBEAT);
        given.setProperty("errors.max.retries", "0");
        given.setProperty("slot.max.retries", "3");
        given.setProperty("slot.retry.delay.ms", "500");
    }
}
