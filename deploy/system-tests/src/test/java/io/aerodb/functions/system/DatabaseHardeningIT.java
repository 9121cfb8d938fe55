package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.system.AerofnCommand.Ended;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.worker.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An operator makes a database of their own safe for functions, and a worker refuses to start before. Has a server of its own, because
 * roles are shared.
 */
class DatabaseHardeningIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestPostgres postgres = TestPostgres.own();
    private final TestDatabase database = postgres.newDatabase();

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        postgres.close();
    }

    @Test
    void aWorkerRefusesADatabaseThatNobodyHardenedAndSaysHowToMendIt() throws Exception {
        var refused = startWorker(GuestSettings.of(database.jdbcUrl()));
        assertEquals(1, refused.status(), refused.output());
        for (var said : List.of("worker: the functions' database is not safe for them; 'aerofn database harden' mends it",
                "worker: roles: the worker cannot log in as anon", "worker: roles: the worker cannot log in as service_role")) {
            assertTrue(refused.output().contains(said), refused.output());
        }
        assertFalse(refused.output().contains("\tat "), refused.output());

        for (var role : List.of("anon", "authenticated", "service_role")) {
            asAdmin("CREATE ROLE " + role + " LOGIN PASSWORD 'the password of " + role + "'");
        }
        var refusedAgain = startWorker(GuestSettings.of(database.jdbcUrl()));
        assertEquals(1, refusedAgain.status(), refusedAgain.output());
        for (var said : List.of("worker: roles: the role service_role is held up by row security; to mend it: ALTER ROLE service_role BYPASSRLS",
                "worker: revokes: anon, authenticated, service_role may call set_config(text,text,boolean); to mend it: REVOKE EXECUTE",
                "worker: claims: there is no function auth.jwt()", "worker: bounds: the role anon has no limit on temporary files")) {
            assertTrue(refusedAgain.output().contains(said), refusedAgain.output());
        }
        assertFalse(refusedAgain.output().contains("\tat "), refusedAgain.output());
    }

    @Test
    void aWorkerWaitsForADatabaseThatIsAwayUntilItIsStopped() throws Exception {
        var output = directory.resolve("worker.out");
        var builder = new ProcessBuilder(AerofnCommand.lineOf(Main.class.getName())).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("AEROFN_"));
        builder.environment().putAll(workerSettings(GuestSettings.of("jdbc:postgresql://127.0.0.1:1/none")));
        var worker = builder.start();
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> !worker.isAlive() || Files.readString(output).contains("waiting for the functions' database"));
            worker.destroy();
            assertTrue(worker.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), () -> "it does not stop");
            assertTrue(Files.readString(output).contains("waiting for the functions' database: "), Files.readString(output));
            assertFalse(Files.readString(output).contains("\tat "), Files.readString(output));
        } finally {
            worker.destroyForcibly();
        }
    }

    @Test
    void theDoctorIsContentOnceItIsHardenedHoweverOften() throws Exception {
        var settings = directory.resolve("worker.properties");
        var admin = Map.of("PGPASSWORD", database.adminPassword());
        var first = harden(admin, settings, database.adminUser());
        assertEquals(0, first.status(), first.output());
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(settings));
        var made = Files.readString(settings);
        assertFalse(first.output().contains(made.lines().filter(line -> line.contains("claim-keys=")).findFirst().orElseThrow().split("=", 2)[1]));

        var doctor = AerofnCommand.run(Map.of("AEROFN_CONFIG_FILE", settings.toString()), "doctor");
        assertEquals(0, doctor.status(), doctor.output());
        assertTrue(doctor.output().contains("All layers hold"), doctor.output());
        assertEquals(5, doctor.output().lines().filter(line -> line.startsWith("  ok ")).count(), doctor.output());

        var again = harden(admin, settings, database.adminUser());
        assertEquals(0, again.status(), again.output());
        assertEquals(made, Files.readString(settings));

        asAdmin("GRANT EXECUTE ON FUNCTION pg_sleep(double precision) TO anon");
        var spoilt = AerofnCommand.run(Map.of(), "doctor", "--settings", settings.toString());
        assertEquals(1, spoilt.status(), spoilt.output());
        assertTrue(spoilt.output().contains("- anon may call pg_sleep(double precision)"), spoilt.output());
        assertTrue(spoilt.output().contains("mend: REVOKE EXECUTE ON FUNCTION pg_sleep(double precision) FROM PUBLIC, anon"), spoilt.output());
    }

    @Test
    void anOwnerWhoIsNoSuperuserGetsAsFarAsManagedDatabasesAllow() throws Exception {
        asAdmin("ALTER ROLE " + database.user() + " CREATEROLE");
        var settings = directory.resolve("worker.properties");
        var owner = harden(Map.of("PGPASSWORD", database.password()), settings, database.user());
        assertEquals(1, owner.status(), owner.output());
        assertTrue(owner.output().contains("  ok         claims"), owner.output());
        assertTrue(owner.output().contains("may call set_config(text,text,boolean)"), owner.output());
        assertTrue(owner.output().contains("AEROFN_WORKER_GUEST_DATABASE_TOLERATE_MISSING_REVOKES=true"), owner.output());

        var tolerant = AerofnCommand.run(Map.of("AEROFN_WORKER_GUEST_DATABASE_TOLERATE_MISSING_REVOKES", "true"),
                "doctor", "--settings", settings.toString());
        assertEquals(0, tolerant.status(), tolerant.output());
        assertTrue(tolerant.output().contains("  tolerated  revokes"), tolerant.output());
    }

    @Test
    void saysInOneLineWhyItCannot() throws Exception {
        var settings = directory.resolve("worker.properties");
        var url = "postgresql://" + database.user() + "@" + database.host() + ":" + database.port() + "/" + database.name();
        var password = Map.of("PGPASSWORD", database.password());
        assertOneLine(1, "run this as a superuser", harden(password, settings, database.user()));
        assertOneLine(2, "password authentication failed", harden(Map.of("PGPASSWORD", "wrong"), settings, database.user()));
        assertOneLine(2, "wants the password", harden(Map.of(), settings, database.user()));
        assertOneLine(2, "set PGPASSWORD", AerofnCommand.run(password, "database", "harden", "--settings", settings.toString(),
                "--url", url.replace("@", ":secret@")));
        assertOneLine(2, "which database?", AerofnCommand.run(password, "database", "harden", "--settings", settings.toString()));
        assertOneLine(2, "give --settings FILE", AerofnCommand.run(password, "database", "harden", "--url", url));
        assertOneLine(2, "cannot look at", AerofnCommand.run(GuestSettings.of("jdbc:postgresql://127.0.0.1:1/none"), "doctor"));
        assertOneLine(2, "no local platform runs", AerofnCommand.run(Map.of(), "doctor", "--data-dir", directory.toString()));
        var incomplete = new HashMap<>(GuestSettings.of(database.jdbcUrl()));
        incomplete.remove(GuestSettings.KEYS);
        assertOneLine(2, GuestSettings.KEYS, AerofnCommand.run(incomplete, "doctor"));
    }

    @Test
    void changesNoPasswordOfARoleThatIsInUse() throws Exception {
        var admin = Map.of("PGPASSWORD", database.adminPassword());
        assertEquals(0, harden(admin, directory.resolve("worker.properties"), database.adminUser()).status());
        assertOneLine(1, "the role anon logs in already", harden(admin, directory.resolve("other.properties"), database.adminUser()));
        assertFalse(Files.exists(directory.resolve("other.properties")));
    }

    @Test
    void letsATrustedRoleKeepWhatTheOthersLose() throws Exception {
        asAdmin("CREATE ROLE \"Migration tool\" LOGIN PASSWORD 'm'");
        var hardened = AerofnCommand.run(Map.of("PGPASSWORD", database.adminPassword()), "database", "harden", "--trust", "Migration tool",
                "--settings", directory.resolve("worker.properties").toString(), "--user", database.adminUser(), "--url", database.jdbcUrl());
        assertEquals(0, hardened.status(), hardened.output());
        asAdmin("SET ROLE \"Migration tool\"; SELECT pg_advisory_lock(1); DO 'BEGIN END'");
    }

    @Test
    void printsTheScriptForWhoeverRunsItByHand() throws Exception {
        var printed = AerofnCommand.run(Map.of(), "database", "harden", "--print");
        assertEquals(0, printed.status());
        asAdmin(printed.output());
        asAdmin("SELECT auth.uid()");
    }

    private Ended harden(Map<String, String> variables, Path settings, String user) throws Exception {
        return AerofnCommand.run(variables, "database", "harden", "--settings", settings.toString(),
                "--url", "postgresql://%s@%s:%d/%s".formatted(user, database.host(), database.port(), database.name()));
    }

    private Ended startWorker(Map<String, String> guests) throws Exception {
        return AerofnCommand.run(workerSettings(guests), AerofnCommand.lineOf(Main.class.getName()));
    }

    private Map<String, String> workerSettings(Map<String, String> guests) {
        var variables = new HashMap<>(guests);
        variables.put("AEROFN_KAFKA_BOOTSTRAP", "127.0.0.1:1");
        variables.put("AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
        variables.put("AEROFN_SECRETS_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
        variables.put("AEROFN_DATABASE_URL", database.jdbcUrl());
        variables.put("AEROFN_DATABASE_USER", database.user());
        variables.put("AEROFN_DATABASE_PASSWORD", database.password());
        variables.put("AEROFN_WORKER_PORT", "0");
        variables.put("AEROFN_WORKER_MEMORY_BUDGET", "256MiB");
        return variables;
    }

    private void asAdmin(String sql) throws SQLException {
        try (var connection = database.connectAsAdmin(); var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void assertOneLine(int status, String said, Ended ended) {
        assertEquals(status, ended.status(), ended.output());
        var told = ended.output().lines().filter(line -> line.startsWith("aerofn: ")).toList();
        assertEquals(1, told.size(), ended.output());
        assertTrue(told.getFirst().contains(said), ended.output());
        assertFalse(ended.output().contains("\tat "), ended.output());
    }
}
