package io.aerodb.functions.benchmarks;

import io.aerodb.functions.testkit.TestModules;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;

/**
 * Prints how long it takes from the commit of a row to the start of the function that it runs, on the whole platform; then how many row
 * changes a second come from PostgreSQL's log to the events lane, with the memory that is in use meanwhile.
 */
final class WalBenchmark {

    private static final int WARM_UP = 300;
    private static final int ROWS = 1000;
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int LATE = 3;

    private WalBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        try (var api = new LocalApi()) {
            latency(api);
        }
        WalThroughput.main(arguments);
    }

    private static void latency(LocalApi api) throws Exception {
        api.execute("CREATE TABLE events (id int PRIMARY KEY, note text)");
        api.deploy("on-event", TestModules.typical(1, 0), """
                {"triggers": [{"type": "database", "table": "public.events", "operations": ["insert"]}]}""");
        var uri = URI.create(api.connectionString());
        var login = uri.getUserInfo().split(":", 2);
        try (var connection = DriverManager.getConnection("jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), login[0], login[1]);
                var insert = connection.prepareStatement("INSERT INTO events VALUES (?, 'a row of the usual length')")) {
            var committed = new long[WARM_UP + ROWS];
            for (var i = 0; i < committed.length; i++) {
                insert.setInt(1, i);
                insert.executeUpdate();
                committed[i] = System.currentTimeMillis() * 1000;
                Thread.sleep(PAUSE);
            }
            report(started(connection), committed);
        }
    }

    /** In the order of the rows, which are far enough from each other for that. */
    private static long[] started(Connection connection) throws SQLException, InterruptedException {
        var started = new long[0];
        for (var look = 0; started.length < WARM_UP + ROWS && look < LATE * 10; look++) {
            Thread.sleep(Duration.ofMillis(500));
            try (var select = connection.createStatement(); var rows = select.executeQuery("""
                    SELECT array_agg((extract(epoch FROM started_at) * 1000000)::bigint ORDER BY accepted_at) FROM aerodb.function_invocations
                    WHERE function = 'on-event' AND status = 'succeeded'""")) {
                rows.next();
                var times = rows.getArray(1);
                started = times == null ? started : Arrays.stream((Long[]) times.getArray()).mapToLong(Long::longValue).toArray();
            }
        }
        return started;
    }

    private static void report(long[] started, long[] committed) {
        if (started.length != committed.length) {
            throw new IllegalStateException(committed.length + " rows were committed, " + started.length + " functions have run");
        }
        var millis = new double[ROWS];
        for (var i = 0; i < ROWS; i++) {
            millis[i] = (started[WARM_UP + i] - committed[WARM_UP + i]) / 1e3;
        }
        Arrays.sort(millis);
        System.out.printf("commit to function start, %d single rows: p50 %.1f ms, p95 %.1f ms, max %.1f ms%n",
                ROWS, millis[ROWS / 2], millis[ROWS * 95 / 100], millis[ROWS - 1]);
    }
}
