package io.aerodb.functions.worker.database;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.worker.database.wire.PostgresConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * What a query of one indexed row costs a guest, beside a bare prepared query of a plain table by the same client over pooled
 * connections, in one run. Rounds of each take turns, so that noise hits all alike. It is no part of the build;
 * {@code docs/database-access.md} has the command.
 */
final class GuestQueryBenchmark {

    private static final int ROUNDS = 40;
    private static final int CALLS = 200;
    private static final int WARM_UP_ROUNDS = 100;
    private static final int THREADS = 16;
    private static final int POOL = 8;
    private static final String PLAIN = "SELECT id, owner, body FROM plain WHERE id = $1";
    private static final String POLICY = "SELECT id, owner, body FROM notes WHERE id = $1";
    private static final byte[] PARAMETERS = "[42]".getBytes(StandardCharsets.US_ASCII);

    private interface Call {
        void run() throws Exception;
    }

    private record Kind(String name, Call call) {}

    @Test
    void compares() throws Exception {
        try (var postgres = TestPostgres.own()) {
            var database = GuestTestDatabase.on(postgres, POOL);
            database.asOwner("""
                    CREATE TABLE plain (id int PRIMARY KEY, owner uuid NOT NULL, body text NOT NULL);
                    INSERT INTO plain SELECT id, owner, body FROM notes;
                    GRANT SELECT ON plain TO authenticated;
                    """);
            database.asAdmin("VACUUM ANALYZE");
            var pool = new ArrayBlockingQueue<PostgresConnection>(POOL);
            try (var guests = database.open()) {
                for (var i = 0; i < POOL; i++) {
                    pool.add(prepared(database));
                }
                var kinds = List.of(
                        new Kind("bare prepared query", () -> bare(pool)),
                        new Kind("db_query, plain table", () -> query(guests, PLAIN)),
                        new Kind("db_query, policy", () -> query(guests, POLICY)));
                for (var pauseNanos : new long[] {0, 500_000}) {
                    System.out.printf("one call after another, %d us apart%n", pauseNanos / 1000);
                    report(kinds, oneByOne(kinds, pauseNanos));
                }
                System.out.printf("%d threads%n", THREADS);
                report(kinds, byManyThreads(kinds));
            } finally {
                pool.forEach(PostgresConnection::close);
            }
        }
    }

    private static PostgresConnection prepared(GuestTestDatabase database) throws IOException {
        var connection = PostgresConnection.open(database.settings().address(), "authenticated",
                GuestTestDatabase.PASSWORDS.get(Role.AUTHENTICATED).value(), GuestTestDatabase.PLENTY);
        connection.messages().parse("bare", PLAIN).sync();
        connection.send();
        while (connection.in().next() != 'Z') { }
        return connection;
    }

    private static void bare(BlockingQueue<PostgresConnection> pool) throws IOException, InterruptedException {
        var connection = pool.take();
        connection.messages().bind("bare", List.of(new byte[] {'4', '2'})).execute(0).sync();
        connection.send();
        for (var type = connection.in().next(); type != 'Z'; type = connection.in().next()) {
            if (type == 'D') {
                connection.in().body(1 << 16);
            }
        }
        pool.add(connection);
    }

    private static void query(GuestDatabase guests, String sql) {
        var alice = GuestTestDatabase.user(GuestTestDatabase.ALICE);
        if (guests.query(alice, sql, PARAMETERS, GuestTestDatabase.PLENTY) instanceof QueryAnswer.Failed failed) {
            throw new IllegalStateException(failed.toString());
        }
    }

    private static long[][] oneByOne(List<Kind> kinds, long pauseNanos) throws Exception {
        var nanos = new long[kinds.size()][ROUNDS * CALLS];
        for (var round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            for (var kind = 0; kind < kinds.size(); kind++) {
                for (var i = 0; i < CALLS; i++) {
                    LockSupport.parkNanos(round < 0 ? 0 : pauseNanos);
                    nanos[kind][Math.max(round, 0) * CALLS + i] = nanosOf(kinds.get(kind).call());
                }
            }
        }
        return nanos;
    }

    private static long[][] byManyThreads(List<Kind> kinds) throws Exception {
        var nanos = new long[kinds.size()][ROUNDS * THREADS * CALLS];
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            for (var round = 0; round < ROUNDS; round++) {
                for (var kind = 0; kind < kinds.size(); kind++) {
                    var done = new ArrayList<Future<?>>();
                    for (var thread = 0; thread < THREADS; thread++) {
                        var into = nanos[kind];
                        var start = (round * THREADS + thread) * CALLS;
                        var call = kinds.get(kind).call();
                        done.add(threads.submit(() -> {
                            for (var i = 0; i < CALLS; i++) {
                                into[start + i] = nanosOf(call);
                            }
                            return null;
                        }));
                    }
                    for (var part : done) {
                        part.get();
                    }
                }
            }
        }
        return nanos;
    }

    private static long nanosOf(Call call) throws Exception {
        var start = System.nanoTime();
        call.run();
        return System.nanoTime() - start;
    }

    private static void report(List<Kind> kinds, long[][] nanos) {
        Arrays.stream(nanos).forEach(Arrays::sort);
        for (var kind = 0; kind < kinds.size(); kind++) {
            System.out.printf("  %-22s p50 %7.1f us (%.2f x bare)   p95 %7.1f us (%.2f x bare)%n", kinds.get(kind).name(),
                    at(nanos[kind], 50), at(nanos[kind], 50) / at(nanos[0], 50),
                    at(nanos[kind], 95), at(nanos[kind], 95) / at(nanos[0], 95));
        }
    }

    private static double at(long[] sorted, int percent) {
        return sorted[sorted.length * percent / 100] / 1000.0;
    }
}
