package io.aerodb.functions.worker.database;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.worker.database.wire.PostgresConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What a query of one indexed row costs a guest, beside a bare prepared query over a held connection, in one run. Rounds of each
 * take turns, so that noise hits all alike. {@code docs/database-access.md} has the command.
 */
final class GuestQueryBenchmark {

    private static final int ROUNDS = 40;
    private static final int CALLS = 200;
    private static final int WARM_UP_ROUNDS = 100;
    private static final String SQL = "SELECT id, owner, body FROM notes WHERE id = $1";
    private static final byte[] PARAMETERS = "[42]".getBytes(StandardCharsets.US_ASCII);

    private GuestQueryBenchmark() {}

    private interface Call {
        void run() throws SQLException, IOException;
    }

    public static void main(String[] args) throws SQLException, IOException {
        try (var postgres = TestPostgres.own()) {
            var database = GuestTestDatabase.on(postgres, 8);
            var target = database.database();
            try (var guests = database.open();
                    var plain = DriverManager.getConnection(target.jdbcUrl(), target.adminUser(), target.adminPassword());
                    var prepared = plain.prepareStatement(SQL.replace("$1", "?"));
                    var own = PostgresConnection.open(database.settings().address(), "service_role",
                            GuestTestDatabase.PASSWORDS.get(Role.SERVICE).value(), GuestTestDatabase.PLENTY)) {
                own.messages().parse("bare", SQL).sync();
                own.send();
                while (own.in().next() != 'Z') { }
                var alice = GuestTestDatabase.user(GuestTestDatabase.ALICE);
                Call jdbc = () -> {
                    prepared.setInt(1, 42);
                    try (var rows = prepared.executeQuery()) {
                        rows.next();
                        rows.getString(3);
                    }
                };
                Call wire = () -> {
                    own.messages().bind("bare", List.of(new byte[] {'4', '2'})).execute(0).sync();
                    own.send();
                    for (var type = own.in().next(); type != 'Z'; type = own.in().next()) {
                        if (type == 'D') {
                            own.in().body(1 << 16);
                        }
                    }
                };
                Call guest = () -> {
                    if (guests.query(alice, SQL, PARAMETERS, GuestTestDatabase.PLENTY) instanceof QueryAnswer.Failed failed) {
                        throw new IllegalStateException(failed.toString());
                    }
                };
                report(jdbc, wire, guest);
            }
        }
    }

    private static void report(Call jdbc, Call wire, Call guest) throws SQLException, IOException {
        var names = List.of("pgjdbc, prepared", "own client, prepared", "db_query as a guest");
        for (var pauseNanos : new long[] {0, 500_000}) {
            var nanos = measured(List.of(jdbc, wire, guest), pauseNanos);
            System.out.printf("one call after another, %d us apart%n", pauseNanos / 1000);
            for (var kind = 0; kind < names.size(); kind++) {
                System.out.printf("  %-22s p50 %6.1f us   p95 %6.1f us   %.2f x pgjdbc   %.2f x own client%n", names.get(kind),
                        at(nanos[kind], 50), at(nanos[kind], 95),
                        at(nanos[kind], 50) / at(nanos[0], 50), at(nanos[kind], 50) / at(nanos[1], 50));
            }
        }
    }

    private static long[][] measured(List<Call> calls, long pauseNanos) throws SQLException, IOException {
        var nanos = new long[calls.size()][ROUNDS * CALLS];
        for (var round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            for (var kind = 0; kind < calls.size(); kind++) {
                for (var i = 0; i < CALLS; i++) {
                    LockSupport.parkNanos(round < 0 ? 0 : pauseNanos);
                    var start = System.nanoTime();
                    calls.get(kind).run();
                    nanos[kind][Math.max(round, 0) * CALLS + i] = System.nanoTime() - start;
                }
            }
        }
        Arrays.stream(nanos).forEach(Arrays::sort);
        return nanos;
    }

    private static double at(long[] sorted, int percent) {
        return sorted[sorted.length * percent / 100] / 1000.0;
    }
}
