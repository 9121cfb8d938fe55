package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.gateway.replay.BulkReplay.Wanted;
import io.aerodb.functions.invocation.ReplayFilter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code replays}, which schedulers work off. Methods block, and throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
final class BulkReplays {

    private static final String ADD = """
            INSERT INTO aerodb.replays (id, function, status, since, until, version, max_count, per_second, total)
            SELECT ?::uuid, ?, ?, ?::timestamptz, ?::timestamptz, ?::integer, ?::integer, ?::integer, (
                SELECT count(*) FROM (SELECT FROM aerodb.function_invocations i WHERE %s LIMIT ?) AS matching)
            RETURNING *""";
    private static final String CANCEL = """
            UPDATE aerodb.replays SET state = 'cancelled', finished_at = now() WHERE id = ? AND state = 'running' RETURNING *""";
    private static final String LIST = """
            SELECT * FROM aerodb.replays
            WHERE (created_at, id) < (coalesce((SELECT created_at FROM aerodb.replays WHERE id = ?), 'infinity'), ?)
            ORDER BY created_at DESC, id DESC LIMIT ?""";

    private final Database database;

    BulkReplays(Database database) {
        this.database = database;
    }

    BulkReplay add(UUID id, Wanted wanted) {
        var filter = new ReplayFilter(wanted.function(), wanted.status(), wanted.since(), wanted.until());
        var parameters = new ArrayList<@Nullable Object>(Arrays.asList(id, wanted.function(), wanted.status(), utc(wanted.since()),
                utc(wanted.until()), wanted.version(), wanted.limit(), wanted.rate()));
        parameters.addAll(filter.parameters());
        parameters.add(wanted.limit());
        return database.run(connection -> select(connection, ADD.formatted(filter.condition()), parameters.toArray())).getFirst();
    }

    Optional<BulkReplay> find(UUID id) {
        return database.run(connection -> select(connection, "SELECT * FROM aerodb.replays WHERE id = ?", id)).stream().findFirst();
    }

    /** Newest first. @param after the last one of the page before, or null for the first page */
    List<BulkReplay> list(@Nullable UUID after, int limit) {
        var highest = new UUID(-1, -1);
        return database.run(connection -> select(connection, LIST, after, after == null ? highest : after, limit));
    }

    /** @return empty if it was not running */
    Optional<BulkReplay> cancel(UUID id) {
        return database.run(connection -> select(connection, CANCEL, id)).stream().findFirst();
    }

    private static List<BulkReplay> select(Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
        try (var select = connection.prepareStatement(sql)) {
            for (var i = 0; i < parameters.length; i++) {
                select.setObject(i + 1, parameters[i]);
            }
            var replays = new ArrayList<BulkReplay>();
            for (var rows = select.executeQuery(); rows.next();) {
                replays.add(replay(rows));
            }
            return replays;
        }
    }

    private static BulkReplay replay(ResultSet row) throws SQLException {
        var since = row.getObject("since", OffsetDateTime.class);
        var finished = row.getObject("finished_at", OffsetDateTime.class);
        return new BulkReplay(
                row.getObject("id", UUID.class),
                new Wanted(
                        row.getString("function"),
                        row.getString("status"),
                        since == null ? null : since.toInstant(),
                        row.getObject("until", OffsetDateTime.class).toInstant(),
                        row.getObject("version", Integer.class),
                        row.getInt("max_count"),
                        row.getInt("per_second")),
                row.getString("state"),
                row.getInt("total"),
                row.getInt("replayed"),
                row.getInt("gone"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                finished == null ? null : finished.toInstant());
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant time) {
        return time == null ? null : time.atOffset(ZoneOffset.UTC);
    }
}
