package io.aerodb.functions.worker.database;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.metrics.Histograms;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.worker.database.QueryAnswer.Failed;
import io.aerodb.functions.worker.database.wire.PostgresConnection;
import io.aerodb.functions.worker.wasm.HostError;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs guests' SQL under the row-level security of the caller. Thread-safe; whoever opens it closes it. Queries block, need
 * little stack, and heed the caller's interrupt only while they wait for a connection: their end is the remaining time.
 */
public final class GuestDatabase implements AutoCloseable {

    private static final int MAX_SQL_CHARACTERS = 1 << 20;
    private static final int MAX_PARAMETER_BYTES = 6 << 20;

    private final Watchdog watchdog = new Watchdog();
    private final StatementGate gate = new StatementGate();
    private final TypeCatalog types = new TypeCatalog();
    private final Map<Role, GuestPool> pools = new EnumMap<>(Role.class);
    private final Map<Role, Timer> durations = new EnumMap<>(Role.class);
    private final @Nullable GuestDatabaseSettings settings;
    private final @Nullable ClaimsSigner signer;

    /**
     * Starts connecting and does not wait for it.
     *
     * @param settings empty where functions have no database: every query then says so
     */
    public GuestDatabase(Optional<GuestDatabaseSettings> settings, MeterRegistry metrics) {
        this.settings = settings.orElse(null);
        this.signer = settings.map(GuestDatabaseSettings::claimKeys).map(ClaimsSigner::new).orElse(null);
        settings.ifPresent(known -> known.passwords().forEach((role, password) -> {
            pools.put(role, new GuestPool(
                    role.claim(),
                    timeout -> PostgresConnection.open(known.address(), role.claim(), password.value(), timeout),
                    known.poolSize(),
                    metrics));
            durations.put(role, Histograms.ofTimes("worker.database.query", "Time of functions' queries, with the wait for a connection")
                    .tag("role", role.claim()).register(metrics));
        }));
    }

    /** Runs one statement that belongs to no trace, see {@link #query(Identity, String, byte[], Duration, TraceContext)}. */
    public QueryAnswer query(Identity caller, String sql, byte[] paramsJson, Duration remaining) {
        return query(caller, sql, paramsJson, remaining, null);
    }

    /**
     * Runs one statement in a transaction of its own.
     *
     * @param paramsJson a JSON array in UTF-8, one element for each {@code $1…}; no bytes for none
     * @param remaining until the function's deadline; the answer comes at most 250 ms later
     * @param trace that the server's log is to name with the statement; null for none
     */
    public QueryAnswer query(Identity caller, String sql, byte[] paramsJson, Duration remaining, @Nullable TraceContext trace) {
        if (settings == null || signer == null) {
            return Failed.of(HostError.UNAVAILABLE, "no database is configured for functions: set AEROFN_WORKER_GUEST_DATABASE_URL");
        }
        if (sql.length() > MAX_SQL_CHARACTERS || paramsJson.length > MAX_PARAMETER_BYTES) {
            return Failed.of(HostError.TOO_LARGE, "a statement has at most " + MAX_SQL_CHARACTERS + " characters and "
                    + MAX_PARAMETER_BYTES + " bytes of parameters");
        }
        if (sql.indexOf('\0') >= 0) {
            return Failed.of(HostError.INVALID, "a statement has no zero character");
        }
        if (!remaining.isPositive()) {
            return Failed.of(HostError.DEADLINE, "the function's deadline has passed");
        }
        var start = System.nanoTime();
        try {
            var parameters = Parameters.parse(paramsJson);
            return new Attempt(settings, signer, caller, sql, trace, parameters, start + remaining.toNanos()).run();
        } catch (InvalidQueryException e) {
            return Failed.of(HostError.INVALID, e.getMessage());
        } catch (PoolException e) {
            return Failed.of(e.error(), e.getMessage());
        } catch (InterruptedException e) {
            // whoever interrupts a run does so at its deadline, and wants to find the mark
            Thread.currentThread().interrupt();
            return Failed.of(HostError.DEADLINE, "the run was ended while it waited for a connection");
        } finally {
            Objects.requireNonNull(durations.get(caller.role())).record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close() {
        pools.values().forEach(GuestPool::close);
        watchdog.close();
    }

    /** One query, on as many sessions as it takes to find one that is alive. */
    private final class Attempt {

        private final GuestDatabaseSettings limits;
        private final ClaimsSigner claims;
        private final Identity caller;
        private final String sql;
        private final @Nullable TraceContext trace;
        private final Parameters parameters;
        private final long deadline;
        private final GuestPool pool;
        private boolean retried;

        Attempt(GuestDatabaseSettings limits, ClaimsSigner claims, Identity caller, String sql, @Nullable TraceContext trace,
                Parameters parameters, long deadline) {
            this.limits = limits;
            this.claims = claims;
            this.caller = caller;
            this.sql = sql;
            this.trace = trace;
            this.parameters = parameters;
            this.deadline = deadline;
            this.pool = Objects.requireNonNull(pools.get(caller.role()));
        }

        QueryAnswer run() throws PoolException, InterruptedException {
            while (true) {
                var session = pool.take(deadline);
                try (var guard = watchdog.watch(session.connection(), deadline)) {
                    var answer = runOn(session, guard);
                    if (answer.isPresent()) {
                        return answer.get();
                    }
                }
                retried = true;
            }
        }

        /** @return empty if another session is worth a try, and nothing of the statement stays from this one */
        private Optional<QueryAnswer> runOn(GuestSession session, Watchdog.Guard guard) {
            if (retried) {
                session.prepared().forget(sql);
            }
            var query = new GuestQuery(session, gate, types, limits, sql, trace, deadline);
            try {
                var answer = query.run(caller, claims, parameters);
                guard.close();
                if (query.end() == null || guard.hasFired()) {
                    pool.lost(session);
                } else {
                    pool.giveBack(session, query.end());
                }
                return query.wroteUnexpectedly() || query.hadOutdatedPlan() && !retried ? Optional.empty() : Optional.of(answer);
            } catch (IOException e) {
                pool.lost(session);
                return afterLoss(query, guard);
            } catch (RuntimeException | Error e) {
                // also without memory for a large answer: a session that nobody has would be missing for ever
                pool.lost(session);
                throw e;
            }
        }

        private Optional<QueryAnswer> afterLoss(GuestQuery query, Watchdog.Guard guard) {
            if (guard.hasFired()) {
                if (guard.foundNobody()) {
                    pool.suspect();
                }
                return Optional.of(Failed.of(HostError.DEADLINE, query.wasCommitting()
                        ? "the commit ran until the function's deadline; whether the statement took effect is not known"
                        : "the query ran until the function's deadline"));
            }
            if (query.wasCommitting()) {
                return Optional.of(Failed.of(HostError.UNAVAILABLE,
                        "the connection to the database was lost; whether the statement took effect is not known"));
            }
            if (query.wasAnswered() || retried) {
                return Optional.of(Failed.of(HostError.UNAVAILABLE, "the connection to the database was lost; nothing of the statement stays"));
            }
            // what has been idle like this one is most likely gone like it
            pool.dropIdle();
            return Optional.empty();
        }
    }
}
