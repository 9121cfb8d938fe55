package io.aerodb.functions.benchmarks;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** Looks into the tables of the platform: above all, counts the rows that calls leave in {@code function_invocations}. */
final class Tables implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration INTERVAL = Duration.ofMillis(20);

    private final Connection connection;

    /** @param connectionString as {@code psql} takes it */
    Tables(String connectionString) throws SQLException {
        var uri = URI.create(connectionString);
        var user = uri.getUserInfo().split(":", 2);
        connection = DriverManager.getConnection("jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), user[0], user[1]);
    }

    /**
     * Waits for the rows of all calls.
     *
     * @param since when the first of them was sent, or a little before
     * @return how long that took
     * @throws IllegalStateException if there are more, or still fewer after two minutes
     */
    Duration await(String function, Instant since, int calls) throws SQLException, InterruptedException {
        var start = System.nanoTime();
        for (var rows = count(function, since); rows != calls; rows = count(function, since)) {
            var waited = Duration.ofNanos(System.nanoTime() - start);
            if (rows > calls || waited.compareTo(PATIENCE) > 0) {
                throw new IllegalStateException(calls + " calls of " + function + " have left " + rows + " rows after " + waited.toSeconds() + " s");
            }
            Thread.sleep(INTERVAL);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    DeployedVersion deployed(String function) throws SQLException {
        try (var select = connection.prepareStatement("""
                SELECT id, version, module FROM aerodb.functions JOIN aerodb.function_versions ON function_id = id AND version = active_version
                WHERE name = ?""")) {
            select.setString(1, function);
            try (var rows = select.executeQuery()) {
                rows.next();
                return new DeployedVersion(rows.getObject(1, UUID.class), function, rows.getInt(2), rows.getString(3));
            }
        }
    }

    private int count(String function, Instant since) throws SQLException {
        try (var select = connection.prepareStatement(
                "SELECT count(*) FROM aerodb.function_invocations WHERE function = ? AND accepted_at >= ? AND status = 'succeeded'")) {
            select.setString(1, function);
            select.setTimestamp(2, Timestamp.from(since));
            try (var rows = select.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
