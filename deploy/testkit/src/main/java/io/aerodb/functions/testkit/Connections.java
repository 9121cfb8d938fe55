package io.aerodb.functions.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** Waits for a database that has just been started. */
final class Connections {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(50);

    interface Attempt {
        Connection connect() throws SQLException;
    }

    private Connections() {}

    static void await(Attempt attempt) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            try (var connection = attempt.connect()) {
                connection.isReadOnly();
                return;
            } catch (SQLException failure) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("PostgreSQL accepts no connection", failure);
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while PostgreSQL was starting", interruption);
        }
    }
}
