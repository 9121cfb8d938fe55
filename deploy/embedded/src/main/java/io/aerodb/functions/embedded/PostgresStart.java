package io.aerodb.functions.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** The way from a home directory, possibly empty or left by a crash, to a server that accepts connections. */
record PostgresStart(Path home, int port, String superuserPassword, Path binariesCache) {

    private static final Duration READY_TIMEOUT = Duration.ofMinutes(2); // after a crash it first replays its log
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
    private static final String LOGIN_TIMEOUT_SECONDS = "30";
    private static final String WRONG_PASSWORD = "28P01";
    private static final List<String> SETTINGS = List.of(
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "wal_level=logical",
            "max_connections=200",
            "max_wal_senders=32",
            "max_replication_slots=32",
            "timezone=UTC",
            "log_timezone=UTC");

    static String jdbcUrl(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
    }

    /** Only for who holds the lock of the home directory. */
    Process run(ServerUser user, Lifeline lifeline) throws IOException {
        Path binaries = PostgresBinaries.unpackedIn(binariesCache);
        Path data = PostgresCluster.prepare(home, binaries, user, superuserPassword);
        if (!FreePort.isFree(port)) {
            throw new EmbeddedServerException(
                    "PostgreSQL cannot listen on 127.0.0.1:%d: the port is taken. Stop what uses it, or choose another."
                            .formatted(port));
        }
        Path log = PostgresCluster.newLog(home);
        var starting = lifeline.start(user, command(binaries, data), log.toFile());
        try {
            awaitReady(starting, data, log);
            checkPassword();
            return starting;
        } catch (IOException | RuntimeException failure) {
            new Postmaster(starting.toHandle()).stop();
            throw failure;
        }
    }

    @Override
    public String toString() {
        return "PostgresStart[home=%s, port=%d]".formatted(home, port); // never the password
    }

    private List<String> command(Path binaries, Path data) {
        var command = new ArrayList<>(List.of(
                binaries.resolve("bin/postgres").toString(), "-D", data.toString(), "-p", String.valueOf(port)));
        for (String setting : SETTINGS) {
            command.addAll(List.of("-c", setting));
        }
        return command;
    }

    private static void awaitReady(Process starting, Path data, Path log) throws IOException {
        long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
        while (!PostmasterFile.in(data).filter(file -> file.isReady() && file.pid() == starting.pid()).isPresent()) {
            if (hasEndedWithin(LOOK_AGAIN, starting)) {
                throw new EmbeddedServerException("PostgreSQL ended with status %d while starting. The end of %s:%n%s"
                        .formatted(starting.exitValue(), log, LogTail.of(log)));
            }
            if (System.nanoTime() > deadline) {
                throw new EmbeddedServerException("PostgreSQL was not ready after %d seconds. The end of %s:%n%s"
                        .formatted(READY_TIMEOUT.toSeconds(), log, LogTail.of(log)));
            }
        }
    }

    private static boolean hasEndedWithin(Duration time, Process process) {
        try {
            return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new EmbeddedServerException("Interrupted while PostgreSQL was starting");
        }
    }

    private void checkPassword() {
        try (Connection connection = DriverManager.getConnection(jdbcUrl(port, "postgres"), credentials())) {
            connection.isReadOnly();
        } catch (SQLException failure) {
            if (WRONG_PASSWORD.equals(failure.getSQLState())) {
                throw new EmbeddedServerException(
                        "%s was created with another password for '%s': give that one, or choose another directory."
                                .formatted(home, EmbeddedPostgres.SUPERUSER),
                        failure);
            }
            throw new EmbeddedServerException(
                    "PostgreSQL runs but takes no connection on port %d: %s".formatted(port, failure.getMessage()),
                    failure);
        }
    }

    private Properties credentials() {
        var properties = new Properties();
        properties.setProperty("user", EmbeddedPostgres.SUPERUSER);
        properties.setProperty("password", superuserPassword);
        properties.setProperty("loginTimeout", LOGIN_TIMEOUT_SECONDS);
        return properties;
    }
}
