package io.aerodb.functions.embedded;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the server when its JVM is killed and no shutdown hook runs. */
class LifelineIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path home;

    @Test
    void noServerOutlivesAKilledJvm() throws Exception {
        assertServerDiesWithItsJvm("best", "available");
    }

    @Test
    void noServerOutlivesAKilledJvmWhereTheSystemSendsNoSignal() throws Exception {
        assertServerDiesWithItsJvm("best", "shell");
    }

    @Test
    void noServerOfNobodyOutlivesAKilledJvm() throws Exception {
        assumeTrue(ServerUser.currentUid() == 0, "only root can become somebody else");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
        assertServerDiesWithItsJvm("nobody", "available");
    }

    @Test
    void aServerThatWasLeftBehindIsReplaced() throws Exception {
        long orphan;
        try (var child = ChildJvm.run(HoldPostgres.class, home.toString(), "best", "cut")) {
            orphan = pid(child);
            child.kill();
        }
        assertTrue(isRunning(orphan));
        try (var postgres = new EmbeddedPostgres(home, 0, "secret")) {
            postgres.start();
            assertFalse(isRunning(orphan));
        }
    }

    private void assertServerDiesWithItsJvm(String user, String lifeline) throws Exception {
        try (var child = ChildJvm.run(HoldPostgres.class, home.toString(), user, lifeline)) {
            long server = pid(child);
            assertTrue(isRunning(server));
            child.kill();
            Awaitility.await().atMost(PATIENCE).until(() -> !isRunning(server));
        }
    }

    private static long pid(ChildJvm child) throws Exception {
        return Long.parseLong(child.awaitLine("server ").substring("server ".length()));
    }

    private static boolean isRunning(long pid) {
        return ProcessHandle.of(pid).filter(Postmaster::isRunning).isPresent();
    }

    /** Runs in a child JVM that the test kills. */
    static final class HoldPostgres {
        public static void main(String[] arguments) throws Exception {
            Path home = Path.of(arguments[0]);
            var user = arguments[1].equals("nobody") ? new ServerUser.Nobody() : ServerUser.choose();
            var lifeline = arguments[2].equals("available") ? Lifeline.available() : new Lifeline.WatchingShell();
            new EmbeddedPostgres(home, 0, "secret").start(user, lifeline);
            long server = PostmasterFile.in(home.resolve("data")).orElseThrow().pid();
            if (arguments[2].equals("cut")) {
                ProcessHandle.current().children().filter(child -> child.pid() != server).forEach(HoldPostgres::end);
            }
            System.out.println("server " + server);
            Thread.currentThread().join();
        }

        private static void end(ProcessHandle watch) {
            watch.destroyForcibly();
            watch.onExit().join();
        }
    }
}
