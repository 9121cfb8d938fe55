package io.aerodb.functions.worker.database;

import io.aerodb.functions.metrics.Histograms;
import io.aerodb.functions.worker.database.wire.PostgresConnection;
import io.aerodb.functions.worker.database.wire.ServerErrorException;
import io.aerodb.functions.worker.wasm.HostError;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions of one login role. They are opened in the background, one ahead of need, and taken in turn, so that the one that
 * is taken has had time to become clean. While the database is away nobody waits: the pool says so at once and keeps trying by
 * itself. Thread-safe.
 */
final class GuestPool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GuestPool.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration MAX_WAIT = Duration.ofSeconds(5);
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_RETRY = Duration.ofSeconds(2);
    private static final long MAX_AGE_NANOS = Duration.ofMinutes(30).toNanos();

    private final String role;
    private final Connector connector;
    private final int maxSize;
    private final Timer waits;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final Deque<GuestSession> idle = new ArrayDeque<>();
    private int open;
    private int opening;
    private int waiting;
    private @Nullable String awayBecause;
    private Duration retryDelay = FIRST_RETRY;
    private boolean closed;

    /** Opens one more connection for the role. */
    interface Connector {
        PostgresConnection connect(Duration timeout) throws IOException;
    }

    GuestPool(String role, Connector connector, int maxSize, MeterRegistry metrics) {
        this.role = role;
        this.connector = connector;
        this.maxSize = maxSize;
        this.waits = Histograms.ofTimes("worker.database.wait", "Time that queries wait for a connection").tag("role", role).register(metrics);
        Gauge.builder("worker.database.connections.limit", () -> maxSize).tag("role", role)
                .description("Connections that there may be").register(metrics);
        Gauge.builder("worker.database.connections.busy", this, GuestPool::busy).tag("role", role)
                .description("Connections that run a query").register(metrics);
        Gauge.builder("worker.database.connections.idle", this, GuestPool::idle).tag("role", role)
                .description("Connections that wait for a query").register(metrics);
        Gauge.builder("worker.database.away", this, pool -> pool.isAway() ? 1 : 0).tag("role", role)
                .description("1 while the database is away and queries fail at once").register(metrics);
        lock.lock();
        try {
            grow();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whoever takes a session gives it back, or reports it as lost.
     *
     * @throws InterruptedException if the caller's run is being ended meanwhile
     */
    GuestSession take(long deadlineNanos) throws PoolException, InterruptedException {
        var start = System.nanoTime();
        lock.lockInterruptibly();
        waiting++;
        try {
            var until = Math.min(deadlineNanos - start, MAX_WAIT.toNanos());
            while (true) {
                if (closed) {
                    throw new PoolException(HostError.UNAVAILABLE, "the worker is stopping");
                }
                var session = idle.pollFirst();
                if (session == null && awayBecause != null) {
                    throw new PoolException(HostError.UNAVAILABLE, "the database is away: " + awayBecause);
                }
                grow();
                if (session != null) {
                    return session;
                }
                until = change.awaitNanos(until);
                if (until <= 0) {
                    throw deadlineNanos - System.nanoTime() <= 0
                            ? new PoolException(HostError.DEADLINE, "no connection became free before the function's deadline")
                            : new PoolException(HostError.UNAVAILABLE, "all " + maxSize + " connections of " + role + " are busy");
                }
            }
        } finally {
            waiting--;
            lock.unlock();
            waits.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        }
    }

    /** Has the session cleaned and keeps it for the next one, unless it is old. */
    void giveBack(GuestSession session, GuestSession.End end) {
        if (session.ageNanos() > MAX_AGE_NANOS) {
            lost(session);
            return;
        }
        try {
            session.clean(end);
        } catch (IOException e) {
            lost(session);
            return;
        }
        keep(session);
    }

    /** Ends a session that nobody may use again. */
    void lost(GuestSession session) {
        session.connection().abort();
        lock.lock();
        try {
            open--;
            if (!closed) {
                grow();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nobody answers at the database's address any more: a sure sign that waiting is in vain. */
    void suspect() {
        lock.lock();
        try {
            endIdle();
            goAway("it does not answer");
        } finally {
            lock.unlock();
        }
    }

    /** Ends the sessions that nobody uses right now; others will be opened. */
    void dropIdle() {
        lock.lock();
        try {
            endIdle();
        } finally {
            lock.unlock();
        }
    }

    private void endIdle() {
        for (var session = idle.pollFirst(); session != null; session = idle.pollFirst()) {
            session.connection().abort();
            open--;
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            idle.forEach(session -> session.connection().close());
            idle.clear();
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void keep(GuestSession session) {
        lock.lock();
        try {
            if (closed) {
                session.connection().close();
                return;
            }
            idle.addLast(session);
            change.signal();
        } finally {
            lock.unlock();
        }
    }

    private int busy() {
        lock.lock();
        try {
            return open - idle.size();
        } finally {
            lock.unlock();
        }
    }

    private int idle() {
        lock.lock();
        try {
            return idle.size();
        } finally {
            lock.unlock();
        }
    }

    private boolean isAway() {
        lock.lock();
        try {
            return awayBecause != null;
        } finally {
            lock.unlock();
        }
    }

    /** Opens as many as are waited for, and one more. */
    private void grow() {
        while (opening < waiting + 1 - idle.size() && open + opening < maxSize && awayBecause == null) {
            opening++;
            Thread.ofVirtual().name("guest-pool-" + role).start(this::openOne);
        }
    }

    private void openOne() {
        try {
            var connection = connector.connect(CONNECT_TIMEOUT);
            try {
                connection.limitReads(CONNECT_TIMEOUT);
                var session = GuestSession.on(connection);
                connection.limitReads(Duration.ZERO);
                opened(session);
            } catch (IOException | RuntimeException e) {
                connection.abort();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            notOpened(e);
        }
    }

    private void opened(GuestSession session) {
        lock.lock();
        try {
            opening--;
            open++;
            retryDelay = FIRST_RETRY;
            if (awayBecause != null) {
                awayBecause = null;
                LOG.atInfo().addKeyValue("role", role).log("the functions' database is back");
            }
            keep(session);
        } finally {
            lock.unlock();
        }
    }

    private void notOpened(Exception e) {
        lock.lock();
        try {
            opening--;
            // with some sessions at work, one that cannot be added is no outage; but in an outage nobody else tries again
            if ((open == 0 || awayBecause != null) && !closed) {
                goAway(e instanceof ServerErrorException refusal ? refusal.error().message() : "it accepts no connection");
                LOG.atDebug().addKeyValue("role", role).setCause(e).log("cannot connect to the functions' database");
            }
        } finally {
            lock.unlock();
        }
    }

    private void goAway(String reason) {
        if (awayBecause == null) {
            LOG.atWarn().addKeyValue("role", role).log("the functions' database is away: {}", reason);
        }
        awayBecause = reason;
        change.signalAll();
        CompletableFuture.delayedExecutor(retryDelay.toMillis(), TimeUnit.MILLISECONDS).execute(this::retry);
        retryDelay = retryDelay.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : retryDelay.multipliedBy(2);
    }

    private void retry() {
        lock.lock();
        try {
            if (!closed && awayBecause != null && opening == 0) {
                opening++;
                Thread.ofVirtual().name("guest-pool-" + role).start(this::openOne);
            }
        } finally {
            lock.unlock();
        }
    }
}
