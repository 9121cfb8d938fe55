package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.launcher.Layout;
import io.aerodb.functions.launcher.LocalPlatform;
import io.aerodb.functions.launcher.RunningService;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The platform as {@code aerofn up --processes} runs it: what stands in the compose file and the chart, without containers. */
class SeparateProcessesIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final List<String> TRIGGERS = List.of("http", "schedule", "database");
    private static final String CONFIG = """
            {"triggers": [
              {"type": "schedule", "cron": "* * * * * *"},
              {"type": "database", "table": "public.orders", "operations": ["insert"]}]}""";

    @TempDir
    private static Path directory;
    private static LocalPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = LocalPlatform.start(directory, 0, Map.of(), Layout.PROCESSES, (_, _) -> { });
        api = new Api(platform.url(), platform.tokens());
    }

    @AfterAll
    static void stop() {
        var processes = platform.services().stream().map(RunningService::pid).toList();
        platform.close();
        assertEquals(List.of(), processes.stream().filter(pid -> ProcessHandle.of(pid).isPresent()).toList());
    }

    @Test
    void everyServiceIsAProcessThatTellsItsHealthAndMetrics() throws Exception {
        assertEquals(List.of("worker-1", "worker-2", "gateway", "scheduler", "bridge-1", "bridge-2"),
                platform.services().stream().map(RunningService::name).toList());
        assertEquals(6, platform.services().stream().map(RunningService::pid).distinct().count());
        for (var service : platform.services()) {
            assertTrue(get(service.url().resolve("/metrics")).contains("jvm_"), service.name());
        }
    }

    @Test
    void everyTriggerRunsItsFunctionWhicheverProcessDies() throws Exception {
        platform.execute("CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)");
        api.deployed("everything", Functions.ECHO, CONFIG);
        var killed = platform.services();
        for (var service : killed) {
            assertEverythingRuns();
            ProcessHandle.of(service.pid()).orElseThrow().destroyForcibly();
        }
        assertEverythingRuns();
        Awaitility.await("all are there again").atMost(PATIENCE).until(() ->
                platform.services().stream().noneMatch(service -> killed.stream().anyMatch(before -> before.pid() == service.pid())));
    }

    /** Over HTTP, by the clock and for a row, from now on. */
    private static void assertEverythingRuns() {
        awaitCall();
        var before = TRIGGERS.stream().collect(Collectors.toMap(trigger -> trigger, SeparateProcessesIT::lastRun));
        awaitCall();
        platform.execute("INSERT INTO orders DEFAULT VALUES");
        before.forEach((trigger, last) -> Awaitility.await("it is run by " + trigger).atMost(PATIENCE).ignoreExceptions()
                .until(() -> !lastRun(trigger).equals(last)));
    }

    /** The gateway may be away. */
    private static void awaitCall() {
        Awaitility.await("a call is answered").atMost(PATIENCE).ignoreExceptions().until(() -> api.invoke("everything", "{}").statusCode() == 200);
    }

    /** The id of the newest invocation by that trigger that has succeeded; empty if there is none. */
    private static String lastRun(String trigger) {
        return api.rows("everything").stream()
                .filter(row -> row.path("trigger").asText().equals(trigger) && row.path("status").asText().equals("succeeded"))
                .map(row -> row.path("id").asText()).findFirst().orElse("");
    }

    private static String get(URI url) throws Exception {
        return Api.HTTP.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body();
    }
}
