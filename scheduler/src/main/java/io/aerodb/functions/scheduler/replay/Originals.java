package io.aerodb.functions.scheduler.replay;

import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.scheduler.replay.RunningReplay.Position;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The invocations that are replayed, as {@code function_invocations} and {@code dead_letters} have them. */
final class Originals {

    private Originals() {}

    /** The next ones, oldest first. Those that are still to be tried are not among them. */
    static List<Original> next(Connection connection, RunningReplay replay, int limit) throws SQLException {
        var sql = new StringBuilder("SELECT accepted_at, id, request_topic, request_partition, request_offset FROM aerodb.function_invocations i WHERE ")
                .append(replay.filter().condition());
        var parameters = replay.filter().parameters();
        if (replay.position() != null) {
            sql.append(" AND i.accepted_at >= ? AND (i.accepted_at, i.id) > (?, ?)"); // the first goes by partitions
            var acceptedAt = replay.position().acceptedAt().atOffset(ZoneOffset.UTC);
            parameters.addAll(List.of(acceptedAt, acceptedAt, replay.position().invocation()));
        }
        sql.append(" ORDER BY i.accepted_at, i.id LIMIT ?");
        parameters.add(limit);
        try (var select = connection.prepareStatement(sql.toString())) {
            for (var i = 0; i < parameters.size(); i++) {
                select.setObject(i + 1, parameters.get(i));
            }
            var rows = select.executeQuery();
            var originals = new ArrayList<Original>();
            while (rows.next()) {
                originals.add(new Original(
                        new Position(rows.getObject("accepted_at", OffsetDateTime.class).toInstant(), rows.getObject("id", UUID.class)),
                        new RecordPosition(rows.getString("request_topic"), rows.getInt("request_partition"), rows.getLong("request_offset"))));
            }
            return originals;
        }
    }

    /** Invocations by where their dead letters stand, which may have outlived the requests. */
    static Map<RecordPosition, UUID> deadLetters(Connection connection, Collection<UUID> invocations) throws SQLException {
        try (var select = connection.prepareStatement("""
                SELECT DISTINCT ON (invocation) invocation, letter_partition, letter_offset FROM aerodb.dead_letters
                WHERE invocation = ANY(?) ORDER BY invocation, letter_partition, letter_offset DESC""")) {
            select.setArray(1, connection.createArrayOf("uuid", invocations.toArray()));
            var rows = select.executeQuery();
            var letters = new HashMap<RecordPosition, UUID>();
            while (rows.next()) {
                letters.put(new RecordPosition(Topics.DEAD_LETTERS, rows.getInt(2), rows.getLong(3)), rows.getObject(1, UUID.class));
            }
            return letters;
        }
    }
}
