package io.aerodb.functions.database;

import io.aerodb.functions.lifecycle.UnavailableException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the others in {@code aerodb.instances} that this instance of a service runs: renewed every 2 s for 10 s by PostgreSQL's
 * clock, on a thread of its own. Without it nothing can be claimed, and what was claimed may be taken over. After an outage of
 * PostgreSQL it is renewed as soon as that is back. Thread-safe.
 */
public final class InstanceLease implements AutoCloseable, MeterBinder {

    private static final Logger LOG = LoggerFactory.getLogger(InstanceLease.class);
    private static final Duration LENGTH = Duration.ofSeconds(10);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(250);

    /** A lease with less than 4 s left has not been renewed in time: its instance may have missed that others did not, either. */
    private static final String RENEW = """
            WITH renewed AS (
                INSERT INTO aerodb.instances AS i (name, service, lease_until)
                VALUES (?, ?, clock_timestamp() + interval '10 s')
                ON CONFLICT (name) DO UPDATE SET
                    lease_until = excluded.lease_until,
                    renewed_since = CASE WHEN i.lease_until < clock_timestamp() + interval '4 s' THEN clock_timestamp() ELSE i.renewed_since END),
            dead AS (
                DELETE FROM aerodb.instances WHERE name <> ? AND lease_until < clock_timestamp() - interval '1 h')
            SELECT count(*) FROM aerodb.instances WHERE name <> ? AND service = ? AND lease_until > clock_timestamp()""";

    private static final String GIVE_BACK = "DELETE FROM aerodb.instances WHERE name = ?";
    private static final String LET_RUN_OUT = "UPDATE aerodb.instances SET lease_until = clock_timestamp() + interval '10 s' WHERE name = ?";

    private final Database database;
    private final String service;
    private final String name;
    private final String ending;
    private final Thread thread;
    private volatile int live = 1;
    private volatile long renewedNanos = System.nanoTime() - LENGTH.toNanos();
    private volatile boolean closed;
    private boolean away;

    private InstanceLease(Database database, String service, String name, String ending) {
        this.database = database;
        this.service = service;
        this.name = name;
        this.ending = ending;
        this.thread = Thread.ofPlatform().name("lease").daemon().unstarted(this::renewUntilClosed);
    }

    /** A gateway claims nothing: its lease is gone when it is closed. @param name no other instance has, of any service and at any time */
    public static InstanceLease ofGateway(Database database, String name) {
        return new InstanceLease(database, "gateway", name, GIVE_BACK);
    }

    /**
     * A worker's lease holds for 10 s after it was closed. What it ran last has ended on the log by then, but not in its row; without the
     * lease others would take it for lost, and run it again.
     *
     * @param name no other instance has, of any service and at any time
     */
    public static InstanceLease ofWorker(Database database, String name) {
        return new InstanceLease(database, "worker", name, LET_RUN_OUT);
    }

    /** Returns when the lease is there, or PostgreSQL turned out to be away. */
    public void start() {
        renew();
        thread.start();
    }

    /** How many instances of this service, with this one, had a lease when this one was last renewed; at least 1. */
    public int live() {
        return live;
    }

    /** Whether the others take this instance for running. */
    public boolean isHeld() {
        return System.nanoTime() - renewedNanos < LENGTH.toNanos();
    }

    @Override
    public void bindTo(MeterRegistry metrics) {
        Gauge.builder("instance.lease", this, lease -> lease.isHeld() ? 1 : 0)
                .description("1 while this instance has its lease in PostgreSQL").register(metrics);
        Gauge.builder("instance.live", this, InstanceLease::live)
                .description("Instances of this service that have a lease").register(metrics);
    }

    private void renewUntilClosed() {
        var renewed = true;
        while (!closed) {
            try {
                Thread.sleep(renewed ? INTERVAL : RETRY_PAUSE);
            } catch (InterruptedException e) {
                return;
            }
            renewed = renew();
        }
    }

    private boolean renew() {
        var asked = System.nanoTime();
        try {
            live = 1 + database.run(connection -> {
                try (var statement = connection.prepareStatement(RENEW)) {
                    statement.setString(1, name);
                    statement.setString(2, service);
                    statement.setString(3, name);
                    statement.setString(4, name);
                    statement.setString(5, service);
                    var others = statement.executeQuery();
                    others.next();
                    return others.getInt(1);
                }
            });
            renewedNanos = asked;
            if (away) {
                LOG.atWarn().addKeyValue("instance", name).log("the lease is renewed again");
                away = false;
            }
            return true;
        } catch (RuntimeException | Error e) { // without this thread nothing would be granted any more, and what runs would be taken over
            if (!away && !closed) {
                LOG.atWarn().addKeyValue("instance", name).setCause(e instanceof UnavailableException ? null : e)
                        .log("cannot renew the lease, will try until it can be: {}", e.getMessage());
                away = true;
            }
            return false;
        }
    }

    /** Renews the lease no more; it is given back, or runs out. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.interrupt();
        thread.join();
        try {
            database.run(connection -> {
                try (var last = connection.prepareStatement(ending)) {
                    last.setString(1, name);
                    return last.executeUpdate();
                }
            });
        } catch (UnavailableException e) {
            LOG.atDebug().addKeyValue("instance", name).log("PostgreSQL is away; the lease ends by itself");
        }
    }
}
