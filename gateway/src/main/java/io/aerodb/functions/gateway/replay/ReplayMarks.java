package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import java.time.ZoneOffset;

/** Notes of what lay with the dead letters that it has been run again. */
final class ReplayMarks {

    private final Database database;

    ReplayMarks(Database database) {
        this.database = database;
    }

    /** Does nothing to what was not dead-lettered. Blocks. @return whether the original is {@code replayed} from now on */
    boolean mark(InvocationEntry original, InvocationId replay) {
        return database.inTransaction(connection -> {
            try (var letter = connection.prepareStatement("UPDATE aerodb.dead_letters SET replayed_as = ? WHERE invocation = ?");
                    var row = connection.prepareStatement("""
                            UPDATE aerodb.function_invocations SET status = 'replayed'
                            WHERE id = ? AND accepted_at = ? AND status = 'dead_lettered'""")) {
                letter.setObject(1, replay.value());
                letter.setObject(2, original.id());
                letter.executeUpdate();
                row.setObject(1, original.id());
                row.setObject(2, original.acceptedAt().atOffset(ZoneOffset.UTC));
                return row.executeUpdate() == 1;
            }
        });
    }
}
