package io.aerodb.functions.invocation;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.UUID;

/** Notes of what lay with the dead letters that it has been run again. */
public final class ReplayMarks {

    private ReplayMarks() {}

    /**
     * What was run again as what.
     *
     * @param original with {@code acceptedAt}, the key of its row
     */
    public record Mark(UUID original, Instant acceptedAt, UUID replay) {}

    /**
     * Does nothing to what was not dead-lettered. Takes rows before letters, and each in the order of the originals' ids, so that two
     * who mark the same never wait for each other crosswise.
     */
    public static void write(Connection transaction, Collection<Mark> marks) throws SQLException {
        var sorted = marks.stream().sorted(Comparator.comparing(Mark::original)).toList();
        try (var row = transaction.prepareStatement("""
                UPDATE aerodb.function_invocations SET status = 'replayed' WHERE id = ? AND accepted_at = ? AND status = 'dead_lettered'""");
                var letter = transaction.prepareStatement("UPDATE aerodb.dead_letters SET replayed_as = ? WHERE invocation = ?")) {
            for (var mark : sorted) {
                row.setObject(1, mark.original());
                row.setObject(2, mark.acceptedAt().atOffset(ZoneOffset.UTC));
                row.addBatch();
                letter.setObject(1, mark.replay());
                letter.setObject(2, mark.original());
                letter.addBatch();
            }
            row.executeBatch();
            letter.executeBatch();
        }
    }
}
