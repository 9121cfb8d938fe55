package io.aerodb.functions.scheduler.schedule;

import io.aerodb.functions.database.Database;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** PostgreSQL's clock, so that all schedulers go by the same one. Asking for the time throws what {@link Database#run} does. */
public final class PostgresClock extends Clock {

    private final Database database;

    public PostgresClock(Database database) {
        this.database = database;
    }

    @Override
    public Instant instant() {
        return database.run(connection -> {
            try (var select = connection.prepareStatement("SELECT clock_timestamp()")) {
                var row = select.executeQuery();
                row.next();
                return row.getObject(1, OffsetDateTime.class).toInstant();
            }
        });
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    /** Instants have no zone, and nobody asks for more. */
    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("a clock of instants");
    }
}
