package io.aerodb.functions.invocation;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Messages of webhooks that are sent again, and fires of schedules that are put on the log again because a scheduler died: each time
 * they are accepted under the same id and at another time. The worker that claims one of them says which time is that of the invocation; the others must leave no row, since
 * nothing would ever end it.
 */
final class RepeatedMessages {

    private static final String KNOWN = "SELECT DISTINCT id FROM aerodb.function_invocations WHERE id = ANY (?)";
    private static final String REMOVE = """
            DELETE FROM aerodb.function_invocations AS i USING unnest(?::uuid[], ?::timestamptz[]) AS told (id, accepted_at)
            WHERE i.id = told.id AND i.accepted_at <> told.accepted_at AND i.status = 'accepted'""";

    private RepeatedMessages() {}

    /** Leaves out those that tell no more than that a message was accepted of which something else is told, or was before. */
    static List<InvocationEntry> leftOut(Connection connection, List<InvocationEntry> entries) throws SQLException {
        if (entries.stream().noneMatch(RepeatedMessages::isAcceptance)) {
            return entries;
        }
        var known = known(connection, entries.stream().filter(RepeatedMessages::isAcceptance).map(InvocationEntry::id).distinct().toArray());
        entries.stream().filter(entry -> !isAcceptance(entry)).map(InvocationEntry::id).forEach(known::add);
        var first = first(entries);
        return entries.stream()
                .filter(entry -> !isAcceptance(entry) || !known.contains(entry.id()) && entry.acceptedAt().equals(first.get(entry.id())))
                .toList();
    }

    /** Removes rows that tell no more than that a message was accepted, at another time than what is told now. */
    static void remove(Connection connection, List<InvocationEntry> entries) throws SQLException {
        var told = entries.stream().filter(entry -> isRepeatable(entry) && !isAcceptance(entry)).toList();
        if (told.isEmpty()) {
            return;
        }
        try (var delete = connection.prepareStatement(REMOVE)) {
            delete.setArray(1, connection.createArrayOf("uuid", told.stream().map(InvocationEntry::id).toArray()));
            delete.setArray(2, connection.createArrayOf("timestamptz", told.stream().map(entry -> utc(entry.acceptedAt())).toArray()));
            delete.executeUpdate();
        }
    }

    private static Set<UUID> known(Connection connection, Object[] ids) throws SQLException {
        try (var select = connection.prepareStatement(KNOWN)) {
            select.setArray(1, connection.createArrayOf("uuid", ids));
            var rows = select.executeQuery();
            var known = new HashSet<UUID>();
            while (rows.next()) {
                known.add(rows.getObject(1, UUID.class));
            }
            return known;
        }
    }

    private static Map<UUID, Instant> first(List<InvocationEntry> entries) {
        var first = new HashMap<UUID, Instant>();
        entries.stream().filter(RepeatedMessages::isAcceptance)
                .forEach(entry -> first.merge(entry.id(), entry.acceptedAt(), (one, other) -> one.isBefore(other) ? one : other));
        return first;
    }

    private static boolean isAcceptance(InvocationEntry entry) {
        return isRepeatable(entry) && entry.status().equals(InvocationStatus.ACCEPTED.label());
    }

    private static boolean isRepeatable(InvocationEntry entry) {
        return entry.trigger().equals(TriggerType.WEBHOOK.label()) || entry.trigger().equals(TriggerType.SCHEDULE.label());
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
