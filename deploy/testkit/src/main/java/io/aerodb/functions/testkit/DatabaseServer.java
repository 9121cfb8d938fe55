package io.aerodb.functions.testkit;

import io.aerodb.functions.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** A PostgreSQL server that can be stopped and started again at the same address. */
sealed interface DatabaseServer {

    String SUPERUSER = "postgres";

    String host();

    int port();

    String superuserPassword();

    /** Returns when connections are accepted. */
    void start();

    void stop();

    /** Stops it as a crash would. */
    void kill();

    void pause();

    /** After a pause; before it is stopped. */
    void resume();

    /** Stops it for good and leaves nothing behind. */
    void remove();

    static DatabaseServer create() {
        return switch (Parts.chosen()) {
            case EMBEDDED -> Embedded.create();
            case DOCKER -> Containerized.create();
        };
    }

    default Connection connectAsSuperuser() throws SQLException {
        var url = "jdbc:postgresql://%s:%d/postgres".formatted(host(), port());
        return DriverManager.getConnection(url, SUPERUSER, superuserPassword());
    }

    /** A child process of this JVM. */
    record Embedded(EmbeddedPostgres postgres, String superuserPassword, TemporaryDirectory directory)
            implements DatabaseServer {

        static Embedded create() {
            var directory = TemporaryDirectory.create("aerofn-postgres-");
            String password = RandomName.password();
            return new Embedded(
                    new EmbeddedPostgres(directory.path().resolve("home"), 0, password, sharedBinaries()),
                    password,
                    directory);
        }

        /** Unpacked once for all test runs of this user. */
        private static Path sharedBinaries() {
            String user = System.getProperty("user.name");
            return Path.of(System.getProperty("java.io.tmpdir"), "aerofn-postgres-binaries-" + user);
        }

        @Override
        public String host() {
            return "127.0.0.1";
        }

        @Override
        public int port() {
            return postgres.port();
        }

        @Override
        public void start() {
            postgres.start();
        }

        @Override
        public void stop() {
            postgres.stop();
        }

        @Override
        public void kill() {
            postgres.kill();
        }

        @Override
        public void pause() {
            signal("-STOP", postmaster()); // first, so that it starts no more processes
            postmaster().children().forEach(each -> signal("-STOP", each));
        }

        @Override
        public void resume() {
            postmaster().children().forEach(each -> signal("-CONT", each));
            signal("-CONT", postmaster());
        }

        private ProcessHandle postmaster() {
            try {
                var pid = Files.readAllLines(directory.path().resolve("home/data/postmaster.pid")).getFirst();
                return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow(() -> new IllegalStateException("PostgreSQL does not run"));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        private static void signal(String signal, ProcessHandle process) {
            try {
                new ProcessBuilder("kill", signal, String.valueOf(process.pid())).inheritIO().start().waitFor();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } catch (InterruptedException failure) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(failure);
            }
        }

        @Override
        public void remove() {
            postgres.close();
            directory.delete();
        }
    }

    /** Docker's, set up as the embedded one is. */
    record Containerized(PostgreSQLContainer postgres, StableContainer container) implements DatabaseServer {

        static Containerized create() {
            var postgres = new PostgreSQLContainer(Images.named("postgres"))
                    .withUsername(SUPERUSER)
                    .withPassword(RandomName.password())
                    .withDatabaseName("postgres")
                    .withCommand(
                            "postgres",
                            "-c",
                            "wal_level=logical",
                            "-c",
                            "max_connections=200",
                            "-c",
                            "max_wal_senders=32",
                            "-c",
                            "max_replication_slots=32");
            return new Containerized(postgres, new StableContainer(postgres, PostgreSQLContainer.POSTGRESQL_PORT));
        }

        @Override
        public String host() {
            return postgres.getHost();
        }

        @Override
        public int port() {
            return postgres.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
        }

        @Override
        public String superuserPassword() {
            return postgres.getPassword();
        }

        @Override
        public void start() {
            container.start();
            Connections.await(this::connectAsSuperuser);
        }

        @Override
        public void stop() {
            container.stop();
        }

        @Override
        public void kill() {
            container.kill();
        }

        @Override
        public void pause() {
            container.pause();
        }

        @Override
        public void resume() {
            container.resume();
        }

        @Override
        public void remove() {
            container.remove();
        }
    }
}
