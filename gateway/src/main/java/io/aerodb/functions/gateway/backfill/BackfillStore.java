package io.aerodb.functions.gateway.backfill;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.gateway.backfill.Backfill.Wanted;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code backfills}, which the trigger bridge works off. Methods block, and throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
final class BackfillStore {

    private static final String FORGET = "UPDATE aerodb.backfills SET request_key = NULL WHERE request_key = ? AND created_at < now() - interval '24 hours'";
    private static final String FIRST = "SELECT * FROM aerodb.backfills WHERE request_key = ? AND created_at >= now() - interval '24 hours'";
    private static final String ADD = """
            INSERT INTO aerodb.backfills (id, trigger_id, function, source_table, per_second, estimated_total, request_key, request_hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *""";
    private static final String CANCEL = """
            UPDATE aerodb.backfills SET state = 'cancelled', error = NULL, finished_at = now() WHERE function = ? AND id = ? AND state = 'running' RETURNING *""";
    private static final String LIST = """
            SELECT * FROM aerodb.backfills
            WHERE function = ? AND (created_at, id) < (coalesce((SELECT created_at FROM aerodb.backfills WHERE id = ?), 'infinity'), ?)
            ORDER BY created_at DESC, id DESC LIMIT ?""";

    private final Database database;

    BackfillStore(Database database) {
        this.database = database;
    }

    /**
     * A request that may be a repeat.
     *
     * @param hash tells it from others under the same key
     */
    record Keyed(byte[] key, byte[] hash) {}

    /** What became of a request. */
    sealed interface Added {

        record Started(Backfill backfill) implements Added {}

        /** The same was asked for before, under the same key. */
        record Repeated(Backfill backfill) implements Added {}

        /** Something else was asked for before, under the same key. */
        record KeyReused() implements Added {}

        /** Another backfill of the trigger runs. */
        record InTheWay(UUID running) implements Added {}
    }

    /** @param keyed null for a request without a key */
    Added add(UUID id, Wanted wanted, @Nullable Keyed keyed) {
        while (true) {
            var outcome = database.inTransaction(connection -> tryAdd(connection, id, wanted, keyed));
            if (outcome.isPresent()) {
                return outcome.get();
            }
        }
    }

    /** Empty if what was in the way has ended meanwhile. */
    private static Optional<Added> tryAdd(Connection connection, UUID id, Wanted wanted, @Nullable Keyed keyed) throws SQLException {
        if (keyed != null) {
            try (var forget = connection.prepareStatement(FORGET)) {
                forget.setBytes(1, keyed.key());
                forget.executeUpdate();
            }
        }
        var added = select(connection, ADD, id, wanted.trigger(), wanted.function(), wanted.table(), wanted.rate(), wanted.estimatedTotal(),
                keyed == null ? null : keyed.key(), keyed == null ? null : keyed.hash());
        if (!added.isEmpty()) {
            return Optional.of(new Added.Started(added.getFirst()));
        }
        if (keyed != null) {
            var first = first(connection, keyed);
            if (first.isPresent()) {
                return first;
            }
        }
        return select(connection, "SELECT * FROM aerodb.backfills WHERE trigger_id = ? AND state = 'running'", wanted.trigger()).stream().findFirst()
                .map(running -> new Added.InTheWay(running.id()));
    }

    /** What became of the first request under a key; empty if this is it, or the key is forgotten. */
    Optional<Added> first(Keyed keyed) {
        return database.run(connection -> first(connection, keyed));
    }

    private static Optional<Added> first(Connection connection, Keyed keyed) throws SQLException {
        try (var select = connection.prepareStatement(FIRST)) {
            select.setBytes(1, keyed.key());
            var rows = select.executeQuery();
            if (!rows.next()) {
                return Optional.empty();
            }
            return Optional.of(Arrays.equals(rows.getBytes("request_hash"), keyed.hash()) ? new Added.Repeated(backfill(rows)) : new Added.KeyReused());
        }
    }

    Optional<Backfill> find(String function, UUID id) {
        return database.run(connection -> select(connection, "SELECT * FROM aerodb.backfills WHERE function = ? AND id = ?", function, id)).stream().findFirst();
    }

    /** Newest first. @param after the last one of the page before, or null for the first page */
    List<Backfill> list(String function, @Nullable UUID after, int limit) {
        var highest = new UUID(-1, -1);
        return database.run(connection -> select(connection, LIST, function, after, after == null ? highest : after, limit));
    }

    /** @return empty if it was not running */
    Optional<Backfill> cancel(String function, UUID id) {
        return database.run(connection -> select(connection, CANCEL, function, id)).stream().findFirst();
    }

    private static List<Backfill> select(Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
        try (var select = connection.prepareStatement(sql)) {
            for (var i = 0; i < parameters.length; i++) {
                select.setObject(i + 1, parameters[i]);
            }
            var backfills = new ArrayList<Backfill>();
            for (var rows = select.executeQuery(); rows.next();) {
                backfills.add(backfill(rows));
            }
            return backfills;
        }
    }

    private static Backfill backfill(ResultSet row) throws SQLException {
        var finished = row.getObject("finished_at", OffsetDateTime.class);
        return new Backfill(
                row.getObject("id", UUID.class),
                new Wanted(
                        row.getString("function"),
                        row.getObject("trigger_id", UUID.class),
                        row.getString("source_table"),
                        row.getInt("per_second"),
                        row.getLong("estimated_total")),
                row.getString("state"),
                row.getString("error"),
                row.getLong("rows_read"),
                row.getLong("rows_fired"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                finished == null ? null : finished.toInstant());
    }
}
