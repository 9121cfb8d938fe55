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

    private final Database database;
    private final String service;
    private final String name;
    private final Thread thread;
    private volatile int live = 1;
    private volatile long renewedNanos = System.nanoTime() - LENGTH.toNanos();
    private volatile boolean closed;
    private boolean away;

    /** @param name no other instance has, of any service and at any time */
    public InstanceLease(Database database, String service, String name) {
        this.database = database;
        this.service = service;
        this.name = name;
        this.thread = Thread.ofPlatform().name("lease").daemon().unstarted(this::renewUntilClosed);
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
            note(false, "");
            return true;
        } catch (UnavailableException | DatabaseException e) {
            note(true, e.getMessage());
            return false;
        }
    }

    private void note(boolean nowAway, String reason) {
        if (nowAway != away && !closed) {
            LOG.atWarn().addKeyValue("instance", name)
                    .log(nowAway ? "cannot renew the lease, will try until it can be: {}" : "the lease is renewed again", reason);
            away = nowAway;
        }
    }

    /** Gives the lease back: what this instance had claimed and not ended is taken over at once. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.interrupt();
        thread.join();
        try {
            database.run(connection -> {
                try (var delete = connection.prepareStatement("DELETE FROM aerodb.instances WHERE name = ?")) {
                    delete.setString(1, name);
                    return delete.executeUpdate();
                }
            });
        } catch (UnavailableException e) {
            LOG.atDebug().addKeyValue("instance", name).log("PostgreSQL is away; the lease ends by itself");
        }
    }
}
