package io.aerodb.functions.invocation;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Messages of webhooks that are sent again, and fires of schedules that are put on the log again because a scheduler died: each time
 * they are accepted under the same id and at another time. The worker that claims one of them says which time is that of the invocation; the others must leave no row, since
 * nothing would ever end it.
 */
final class RepeatedMessages {

    /** Its row may be gone before its claim is. */
    private static final String CLAIMED_AS_ANOTHER = """
            SELECT told.id, told.accepted_at FROM unnest(?::uuid[], ?::timestamptz[]) AS told (id, accepted_at)
            JOIN aerodb.invocation_claims c ON c.id = told.id WHERE c.accepted_at <> told.accepted_at""";
    private static final String KNOWN = "SELECT DISTINCT id FROM aerodb.function_invocations WHERE id = ANY (?) AND accepted_at BETWEEN ? AND ?";
    /** By the primary key: of rows with that status there may be very many. */
    private static final String REMOVE = """
            DELETE FROM aerodb.function_invocations AS i USING unnest(?::uuid[], ?::timestamptz[]) AS told (id, accepted_at)
            WHERE i.id = told.id AND i.accepted_at <> told.accepted_at AND i.status || '' = 'accepted' AND i.accepted_at BETWEEN ? AND ?""";

    private static final Duration FIRES_APART = Duration.ofDays(1);

    private RepeatedMessages() {}

    private record Acceptance(UUID id, Instant at) {

        private static Acceptance of(InvocationEntry entry) {
            return new Acceptance(entry.id(), entry.acceptedAt());
        }
    }

    /**
     * The times between which the rows lie that may be about the same messages as these entries; those of other days need not be looked at.
     * What is longer apart is so because the claim is forgotten: then the message runs again, and has a row again. A fire is repeated
     * within an outage.
     */
    private record Times(OffsetDateTime from, OffsetDateTime until) {

        private static Times around(List<InvocationEntry> entries) {
            var times = entries.stream().map(InvocationEntry::acceptedAt).sorted().toList();
            var apart = entries.stream().anyMatch(entry -> entry.trigger().equals(TriggerType.WEBHOOK.label())) ? InvocationClaims.SHORTEST_RETENTION : FIRES_APART;
            return new Times(utc(times.getFirst().minus(apart)), utc(times.getLast().plus(apart)));
        }
    }

    /** Leaves out those that tell no more than that a message was accepted of which something else is told, or was before. */
    static List<InvocationEntry> leftOut(Connection connection, List<InvocationEntry> entries) throws SQLException {
        var acceptances = entries.stream().filter(RepeatedMessages::isAcceptance).toList();
        if (acceptances.isEmpty()) {
            return entries;
        }
        var known = known(connection, acceptances);
        entries.stream().filter(entry -> !isAcceptance(entry)).map(InvocationEntry::id).forEach(known::add);
        var claimed = claimedAsAnother(connection, acceptances);
        var first = new HashMap<UUID, Instant>();
        acceptances.stream().map(Acceptance::of).filter(each -> !known.contains(each.id()) && !claimed.contains(each))
                .forEach(each -> first.merge(each.id(), each.at(), (one, other) -> one.isBefore(other) ? one : other));
        return entries.stream().filter(entry -> !isAcceptance(entry) || entry.acceptedAt().equals(first.get(entry.id()))).toList();
    }

    /** Removes rows that tell no more than that a message was accepted, at another time than what is told now. */
    static void remove(Connection connection, List<InvocationEntry> entries) throws SQLException {
        var told = entries.stream().filter(entry -> isRepeatable(entry) && !isAcceptance(entry)).toList();
        if (told.isEmpty()) {
            return;
        }
        var times = Times.around(told);
        try (var delete = connection.prepareStatement(REMOVE)) {
            delete.setArray(1, ids(connection, told));
            delete.setArray(2, times(connection, told));
            delete.setObject(3, times.from());
            delete.setObject(4, times.until());
            delete.executeUpdate();
        }
    }

    private static Set<UUID> known(Connection connection, List<InvocationEntry> acceptances) throws SQLException {
        var times = Times.around(acceptances);
        try (var select = connection.prepareStatement(KNOWN)) {
            select.setArray(1, ids(connection, acceptances));
            select.setObject(2, times.from());
            select.setObject(3, times.until());
            var rows = select.executeQuery();
            var known = new HashSet<UUID>();
            while (rows.next()) {
                known.add(rows.getObject(1, UUID.class));
            }
            return known;
        }
    }

    private static Set<Acceptance> claimedAsAnother(Connection connection, List<InvocationEntry> acceptances) throws SQLException {
        try (var select = connection.prepareStatement(CLAIMED_AS_ANOTHER)) {
            select.setArray(1, ids(connection, acceptances));
            select.setArray(2, times(connection, acceptances));
            var rows = select.executeQuery();
            var claimed = new HashSet<Acceptance>();
            while (rows.next()) {
                claimed.add(new Acceptance(rows.getObject(1, UUID.class), rows.getObject(2, OffsetDateTime.class).toInstant()));
            }
            return claimed;
        }
    }

    private static Array ids(Connection connection, List<InvocationEntry> entries) throws SQLException {
        return connection.createArrayOf("uuid", entries.stream().map(InvocationEntry::id).toArray());
    }

    private static Array times(Connection connection, List<InvocationEntry> entries) throws SQLException {
        return connection.createArrayOf("timestamptz", entries.stream().map(entry -> utc(entry.acceptedAt())).toArray());
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
