package io.aerodb.functions.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {

    private static final String PASSWORD = "correct horse";

    @TempDir
    static Path binaries;

    @TempDir
    Path home;

    private Path cache;

    @BeforeEach
    void letTheServersUserIn() throws IOException {
        for (Path directory : new Path[] {binaries, home}) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        }
        cache = binaries.resolve("cache");
    }

    @Test
    void isSetUpForLogicalDecodingAndDurableCommits() throws Exception {
        try (var postgres = started()) {
            assertEquals("logical", ask(postgres, "show wal_level"));
            assertEquals("on", ask(postgres, "show fsync"));
            assertEquals("on", ask(postgres, "show synchronous_commit"));
            assertEquals("on", ask(postgres, "show full_page_writes"));
            assertEquals("200", ask(postgres, "show max_connections"));
            assertEquals("UTF8", ask(postgres, "show server_encoding"));
        }
    }

    @Test
    void listensOnLoopbackOnlyAndOnNoUnixSocket() throws Exception {
        try (var postgres = started()) {
            assertEquals("127.0.0.1", ask(postgres, "show listen_addresses"));
            assertEquals("", ask(postgres, "show unix_socket_directories"));
        }
    }

    @Test
    void refusesAWrongPassword() {
        try (var postgres = started()) {
            var url = postgres.jdbcUrl("postgres");
            var failure = assertThrows(
                    SQLException.class,
                    () -> DriverManager.getConnection(url, EmbeddedPostgres.SUPERUSER, "guess")
                            .close());
            assertEquals("28P01", failure.getSQLState());
        }
    }

    @Test
    void trustsNobodyInItsAccessRules() throws Exception {
        try (var postgres = started()) {
            String methods = ask(postgres, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules");
            assertEquals("scram-sha-256", methods);
            assertFalse(Files.exists(home.resolve("initial-password")));
        }
    }

    @Test
    void keepsItsPortAndItsDataOverStopAndStart() throws Exception {
        try (var postgres = started()) {
            ask(postgres, "create table kept as select 42 as answer");
            int port = postgres.port();

            postgres.stop();
            assertTrue(FreePort.isFree(port));
            postgres.start();

            assertEquals(port, postgres.port());
            assertEquals("42", ask(postgres, "select answer from kept"));
        }
    }

    @Test
    void losesNothingThatWasCommittedBeforeAKill() throws Exception {
        try (var postgres = started()) {
            ask(postgres, "create table kept as select 42 as answer");
            postgres.kill();
            assertTrue(FreePort.isFree(postgres.port()));
            postgres.start();
            assertEquals("42", ask(postgres, "select answer from kept"));
        }
    }

    @Test
    void startsAgainAfterItEndedByItself() throws Exception {
        try (var postgres = started()) {
            long pid = PostmasterFile.in(home.resolve("data")).orElseThrow().pid();
            var server = ProcessHandle.of(pid).orElseThrow();
            new Postmaster(server).kill();
            postgres.start();
            assertEquals("1", ask(postgres, "select 1"));
        }
    }

    @Test
    void startingAndStoppingTwiceIsHarmless() throws Exception {
        var postgres = new EmbeddedPostgres(home, 0, PASSWORD, cache);
        postgres.stop();
        postgres.kill();
        postgres.start();
        postgres.start();
        assertEquals("1", ask(postgres, "select 1"));
        postgres.close();
        postgres.close();
    }

    @Test
    void ignoresAServerFileThatNamesSomeOtherProcess() throws Exception {
        var postgres = started();
        postgres.kill();
        Path file = home.resolve("data/postmaster.pid");
        var lines = Files.readAllLines(file);
        lines.set(0, String.valueOf(ProcessHandle.current().pid()));
        Files.write(file, lines);
        try (postgres) {
            postgres.start();
            assertEquals("1", ask(postgres, "select 1"));
        }
    }

    @Test
    void refusesAHomeThatAnotherServerUses() {
        try (var first = started();
                var second = new EmbeddedPostgres(home, 0, PASSWORD, cache)) {
            assertTrue(messageOf(second).contains("is in use by another running server"));
            assertFalse(FreePort.isFree(first.port()));
        }
    }

    @Test
    void saysThatItsPortIsTaken() throws Exception {
        try (var occupant = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
                var postgres = new EmbeddedPostgres(home, occupant.getLocalPort(), PASSWORD, cache)) {
            assertTrue(messageOf(postgres).contains("the port is taken"));
        }
    }

    @Test
    void saysThatTheDataWereCreatedWithAnotherPassword() {
        started().close();
        try (var postgres = new EmbeddedPostgres(home, 0, "another", cache)) {
            assertTrue(messageOf(postgres).contains("was created with another password"));
            assertTrue(FreePort.isFree(postgres.port()));
        }
    }

    @Test
    void showsTheEndOfTheLogWhenTheServerCannotStart() throws Exception {
        started().close();
        Files.writeString(home.resolve("data/postgresql.conf"), "nonsense = 1\n");
        try (var postgres = new EmbeddedPostgres(home, 0, PASSWORD, cache)) {
            String message = messageOf(postgres);
            assertTrue(message.contains("unrecognized configuration parameter \"nonsense\""), message);
            assertTrue(message.contains("postgres.log"), message);
        }
    }

    @Test
    void runsAsNobodyWhereRootHasNoUserNamespaces() throws Exception {
        assumeTrue(ServerUser.currentUid() == 0, "only root can become somebody else");
        var postgres = new EmbeddedPostgres(home, 0, PASSWORD, cache);
        try (postgres) {
            postgres.start(new ServerUser.Nobody(), Lifeline.available());
            assertEquals("logical", ask(postgres, "show wal_level"));
            ask(postgres, "create table kept as select 42 as answer");
        }
        try (postgres) {
            postgres.start(); // as whatever is best here, on the same files
            assertEquals("42", ask(postgres, "select answer from kept"));
        }
    }

    @Test
    void namesTheDirectoryThatNobodyMayNotEnter() throws Exception {
        assumeTrue(ServerUser.currentUid() == 0, "only root can become somebody else");
        Path closed = Files.createDirectory(
                home.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (var postgres = new EmbeddedPostgres(closed.resolve("home"), 0, PASSWORD, cache)) {
            var failure = assertThrows(
                    EmbeddedServerException.class, () -> postgres.start(new ServerUser.Nobody(), Lifeline.available()));
            assertTrue(failure.getMessage().contains("may not enter " + closed + " on the way"), failure.getMessage());
        }
    }

    private EmbeddedPostgres started() {
        var postgres = new EmbeddedPostgres(home, 0, PASSWORD, cache);
        postgres.start();
        return postgres;
    }

    private static String messageOf(EmbeddedPostgres postgres) {
        return assertThrows(EmbeddedServerException.class, postgres::start).getMessage();
    }

    /** The first column of the first row, or nothing for a statement that has no rows. */
    private static String ask(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl("postgres"), EmbeddedPostgres.SUPERUSER, PASSWORD);
                var statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            var rows = statement.getResultSet();
            rows.next();
            return rows.getString(1);
        }
    }
}
