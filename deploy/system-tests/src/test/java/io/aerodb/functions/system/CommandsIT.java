package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The commands about versions, configurations and live logs, against a gateway. */
class CommandsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static TestPlatform platform;
    private static Api api;
    private static Map<String, String> variables;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
        variables = Map.of("AEROFN_URL", api.url().toString(), "AEROFN_TOKEN", Api.token(Role.SERVICE));
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void changesAConfigurationAndGoesBack() throws Exception {
        api.deployed("tuned", Functions.ECHO, "{\"env\": {\"OLD\": \"1\"}}");
        var changed = run(0, "config", "tuned", "--set", "timeout_ms=2000", "--set", "retry.max_attempts=3", "--set", "env.PORT=80", "--unset", "env.OLD");
        assertTrue(changed.contains("\"timeout_ms\" : 2000") && changed.contains("\"PORT\" : \"80\"") && !changed.contains("OLD"), changed);
        var tag = changed.substring(changed.indexOf("ETag ") + 5).strip();
        run(0, "config", "tuned", "--patch", "{\"memory_mb\": 8}", "--if-match", tag);
        assertTrue(run(1, "config", "tuned", "--patch", "{\"memory_mb\": 9}", "--if-match", tag).contains("409 conflict"));
        assertTrue(run(0, "config", "tuned").contains("\"memory_mb\" : 8"));
        assertTrue(run(2, "config", "tuned", "--set", "timeout_ms").contains("member=value"));
        assertTrue(run(0, "activate", "tuned", "1").contains("tuned is at version 1"));
        var versions = run(0, "versions", "tuned").lines().toList();
        assertEquals(4, versions.size());
        assertTrue(versions.getLast().endsWith("(active)"), versions::toString);
        assertTrue(run(1, "activate", "tuned", "9").contains("version_not_found"));
    }

    @Test
    void turnsAFunctionOffAndOn() throws Exception {
        api.deployed("lamp", Functions.ECHO, "{}");
        run(0, "disable", "lamp");
        assertEquals(404, api.invoke("lamp", "x").statusCode());
        run(0, "enable", "lamp");
        assertEquals(200, api.invoke("lamp", "x").statusCode());
    }

    @Test
    void startsAndCancelsABackfill() throws Exception {
        platform.execute("CREATE TABLE filled (id int PRIMARY KEY); CREATE TABLE filled_too (id int PRIMARY KEY)");
        var trigger = "{\"type\": \"database\", \"operations\": [\"insert\"], \"table\": \"";
        api.deployed("filler", Functions.ECHO, "{\"triggers\": [" + trigger + "filled\"}]}");
        var started = run(0, "backfill", "start", "filler", "--rate", "10", "--idempotency-key", "k");
        assertTrue(started.contains("running") && started.contains("public.filled  0 of about "), started);
        assertEquals(started, run(0, "backfill", "start", "filler", "--rate", "10", "--idempotency-key", "k"));
        assertTrue(run(1, "backfill", "start", "filler").contains("409 backfill_running"));
        var id = started.substring(0, started.indexOf(' '));
        assertEquals(started, run(0, "backfill", "show", "filler"));
        assertEquals(started, run(0, "backfill", "show", "filler", id));
        assertTrue(run(0, "backfill", "cancel", "filler", id).contains("cancelled"));
        assertTrue(run(1, "backfill", "start", "filler", "--rate", "0").contains("400 invalid_request"));

        api.deployed("filler", Functions.ECHO, "{\"triggers\": [" + trigger + "filled\"}, " + trigger + "filled_too\"}]}");
        assertTrue(run(1, "backfill", "start", "filler").contains("say which with --trigger: "));
        api.deployed("filler", Functions.ECHO, "{}");
        assertTrue(run(1, "backfill", "start", "filler").contains("no database trigger"));
    }

    @Test
    void followsUntilTheFunctionIsRemoved() throws Exception {
        api.deployed("watched", Functions.answering("hello", 0), "{}");
        var builder = new ProcessBuilder(AerofnCommand.line("logs", "watched", "--follow")).redirectErrorStream(true);
        builder.environment().putAll(variables);
        var process = builder.start();
        var output = new CopyOnWriteArrayList<String>();
        var reader = Thread.ofVirtual().start(() -> process.inputReader(StandardCharsets.UTF_8).lines().forEach(output::add));
        try {
            // from outside nobody can tell when it follows
            Awaitility.await().atMost(PATIENCE).until(() -> api.invoke("watched", "").statusCode() > 0 && output.size() >= 2);
            assertTrue(output.get(0).contains("succeeded"), output::toString);
            assertTrue(output.get(1).contains("about to answer"), output::toString);
            api.delete("/functions/v1/watched");
            assertTrue(process.waitFor(PATIENCE), "it ends by itself");
            assertEquals(1, process.exitValue());
            reader.join();
            assertEquals("aerofn: the function 'watched' was removed", output.getLast());
        } finally {
            process.destroyForcibly();
        }
    }

    private static String run(int status, String... arguments) throws IOException, InterruptedException {
        var ended = AerofnCommand.run(variables, arguments);
        assertEquals(status, ended.status(), ended::output);
        return ended.output();
    }
}
