package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code aerofn config --check}: what services would say of an environment, without starting them. */
class SettingsCheckIT {

    private static final Map<String, String> GOOD = Map.of(
            "AEROFN_KAFKA_BOOTSTRAP", "kafka:9092",
            "AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "AEROFN_DATABASE_URL", "jdbc:postgresql://postgres:5432/aerodb",
            "AEROFN_DATABASE_USER", "aerodb",
            "AEROFN_DATABASE_PASSWORD", "hunter2",
            "AEROFN_GATEWAY_JWT_SECRET", "a secret for tests that is long enough");

    @TempDir
    private Path directory;

    @Test
    void showsWhatIsInEffectAndWhereFrom() throws Exception {
        var file = Files.writeString(directory.resolve("aerofn.properties"), "worker.slots = 7\nkafka.replication = 3\n");
        var output = check(0, with("AEROFN_KAFKA_REPLICATION", "2", "AEROFN_URL", "http://elsewhere"), "--settings", file.toString());
        assertTrue(output.contains("AEROFN_WORKER_SLOTS=7  # file\n"), output);
        assertTrue(output.contains("AEROFN_KAFKA_REPLICATION=2  # environment\n"), output);
        assertTrue(output.contains("AEROFN_WORKER_EVENT_SLOTS=512  # default\n"), output);
        assertTrue(output.contains("AEROFN_DATABASE_PASSWORD=(not shown)  # environment\n"), output);
        assertFalse(output.contains("hunter2") || output.contains("MDEyMz"), output);
    }

    /** The heap of the worker is not that of the command. */
    @Test
    void leavesTheHeapToTheWorker() throws Exception {
        check(0, with("AEROFN_WORKER_MEMORY_BUDGET", "100GiB"));
    }

    @Test
    void namesEveryProblemAndTheServicesThatHaveIt() throws Exception {
        var output = check(2, with("AEROFN_KAFKA_REPLICATION", "ten", "AEROFN_WORKER_SLTOS", "3", "AEROFN_GATEWAY_PORT", "99999"));
        assertEquals(
                List.of("aerofn: bridge, gateway, scheduler, worker: AEROFN_KAFKA_REPLICATION: 'ten' is not allowed: integer, 1 to 9",
                        "aerofn: gateway: AEROFN_GATEWAY_PORT: '99999' is not allowed: integer, 0 to 65535",
                        "aerofn: worker: AEROFN_WORKER_SLTOS: there is no such setting; did you mean AEROFN_WORKER_SLOTS?"),
                output.lines().sorted().toList());
    }

    @Test
    void looksAtOneServiceWhereThatIsAskedFor() throws Exception {
        var output = check(0, with("AEROFN_WORKER_SLTOS", "3"), "--service", "scheduler");
        assertTrue(output.contains("AEROFN_SCHEDULER_BATCH=500  # default\n"), output);
        assertFalse(output.contains("AEROFN_WORKER"), output);
        assertEquals("aerofn: 'sheduler' is no service: give one of bridge, gateway, scheduler, worker\n", check(2, GOOD, "--service", "sheduler"));
    }

    @Test
    void isNotMixedUpWithAFunctionsConfiguration() throws Exception {
        assertTrue(check(2, GOOD, "hello").contains("--check is about services and not about a function"));
        assertTrue(AerofnCommand.run(GOOD, "config").output().contains("give the NAME of a function, or --check"));
        assertTrue(AerofnCommand.run(GOOD, "config", "hello", "--service", "worker").output().contains("--service and --settings go with --check"));
    }

    private static Map<String, String> with(String... variables) {
        var all = new HashMap<>(GOOD);
        for (var i = 0; i < variables.length; i += 2) {
            all.put(variables[i], variables[i + 1]);
        }
        return all;
    }

    private static String check(int status, Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of("config", "--check"));
        all.addAll(List.of(arguments));
        var ended = AerofnCommand.run(environment, all.toArray(String[]::new));
        assertEquals(status, ended.status(), ended::output);
        return ended.output();
    }
}
