package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.kafka.Topics;
import java.time.Clock;

/** Rows of small tables that have had their time. Any number of workers may remove them at once. */
final class Leftovers {

    /** By PostgreSQL's clock, like the leases themselves; long after anybody could still look at them. */
    private static final String INSTANCES = "DELETE FROM aerodb.instances WHERE lease_until < now() - interval '1 day'";
    private static final String IDEMPOTENCY_KEYS = "DELETE FROM aerodb.idempotency_keys WHERE expires_at < now()";

    private final Database database;
    private final Clock clock;

    Leftovers(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** @throws io.aerodb.functions.lifecycle.UnavailableException while PostgreSQL is away */
    void remove() {
        new DeadLetterList(database).removeBefore(clock.instant().minus(Topics.DEAD_LETTER_RETENTION));
        execute(IDEMPOTENCY_KEYS);
        execute(INSTANCES);
    }

    private void execute(String sql) {
        database.run(connection -> {
            try (var statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }
}
