package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.LauncherException;
import io.aerodb.functions.launcher.Layout;
import io.aerodb.functions.launcher.LocalPlatform;
import io.aerodb.functions.system.Api.Part;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The platform as {@code aerofn up} runs it: an embedded broker and database, and a worker as a process of its own. */
class LocalPlatformIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void findsItsDataAndItsAddressOnASecondStart() throws Exception {
        String id;
        int port;
        try (var platform = start()) {
            deployEcho(platform);
            id = Api.id(call(platform, "first"));
            port = platform.url().getPort();
        }
        try (var platform = start()) {
            assertEquals(port, platform.url().getPort());
            assertEquals("second", invoke(platform, "second"));
            var api = new Api(platform.url());
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertTrue(Api.text(api.send(
                    api.request("/functions/v1/echo/logs").header("Authorization", "Bearer " + token(platform, Role.SERVICE)))).contains(id)));
        }
    }

    @Test
    void letsNoSecondPlatformUseItsData() throws Exception {
        try (var _ = start()) {
            var refusal = assertThrows(LauncherException.class, this::start);
            assertTrue(refusal.getMessage().contains("in use"), refusal.getMessage());
            assertEquals(1, refusal.getMessage().lines().count());
        }
    }

    @Test
    void keepsItsSecretsToItself() throws Exception {
        try (var platform = start()) {
            assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(directory.resolve("secrets.properties")));
            var secret = Files.readString(directory.resolve("secrets.properties")).lines()
                    .filter(line -> line.startsWith("jwt.secret=")).findFirst().orElseThrow().substring("jwt.secret=".length());
            var arguments = ProcessHandle.of(platform.services().getFirst().pid()).orElseThrow().info().commandLine().orElse("");
            assertTrue(!arguments.contains(secret) && !Files.readString(directory.resolve("logs/worker.log")).contains(secret));
        }
    }

    @Test
    void leavesNoProcessBehindWhenItIsKilled() throws Exception {
        var output = directory.resolve("up.out");
        var up = new ProcessBuilder(AerofnCommand.line("up", "--data-dir", directory.resolve("data").toString()))
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            Awaitility.await().atMost(Duration.ofSeconds(120)).until(() -> Files.readString(output).contains("Ctrl-C stops everything") || !up.isAlive());
            assertTrue(up.isAlive(), () -> read(output));
            var children = up.descendants().toList();
            assertTrue(children.size() >= 2, "a worker and a database");
            up.destroyForcibly().waitFor();
            for (var child : children) {
                Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertTrue(!child.isAlive(), () -> child.info() + " is still there"));
            }
        } finally {
            up.destroyForcibly();
        }
    }

    @Test
    void showsTheWholeSpineInADemo() throws Exception {
        var output = directory.resolve("demo.out");
        var demo = new ProcessBuilder(AerofnCommand.line("demo")).redirectErrorStream(true).redirectOutput(output.toFile());
        demo.environment().put("TMPDIR", directory.toString());
        var process = demo.start();
        assertTrue(process.waitFor(180, TimeUnit.SECONDS), () -> read(output));
        var text = read(output);
        assertEquals(0, process.exitValue(), text);
        for (var shown : List.of("POST http://127.0.0.1:", "{\"name\": \"World\"}", "200  {\"message\":\"Hello, World!\"}", "x-invocation-id", "succeeded", "Everything worked")) {
            assertTrue(text.contains(shown), () -> shown + " is not in\n" + text);
        }
    }

    @Test
    void passesTheSettingsOfItsEnvironmentOn() throws Exception {
        var environment = Map.of("AEROFN_WORKER_ENGINE", "wasmtime", "AEROFN_GATEWAY_MAX_PAYLOAD", "1KiB", "AEROFN_URL", "http://127.0.0.1:1");
        try (var platform = LocalPlatform.start(directory, 0, environment, Layout.TOGETHER, (_, _) -> { })) {
            deployEcho(platform);
            assertEquals("on wasmtime", invoke(platform, "on wasmtime"));
            assertEquals(413, call(platform, "x".repeat(1025)).statusCode());
            assertTrue(Files.readString(directory.resolve("logs/worker.log")).contains("wasmtime"));
        }
    }

    @Test
    void saysWhichSettingsAWorkerDoesNotAccept() {
        var environment = Map.of("AEROFN_WORKER_ENGINE", "wasmer", "AEROFN_WORKER_SLOTS", "0");
        var refusal = assertThrows(ConfigurationException.class, () -> LocalPlatform.start(directory, 0, environment, Layout.TOGETHER, (_, _) -> { }));
        assertEquals(List.of("AEROFN_WORKER_ENGINE: 'wasmer' is not allowed: endive or wasmtime",
                "AEROFN_WORKER_SLOTS: '0' is not allowed: integer, 1 to 10000"), refusal.problems().stream().sorted().toList());
    }

    @Test
    void refusesSettingsThatItMakesItself() {
        var environment = Map.of("AEROFN_KAFKA_BOOTSTRAP", "kafka:9092", "AEROFN_WORKER_PORT", "8081");
        var refusal = assertThrows(ConfigurationException.class, () -> LocalPlatform.start(directory, 0, environment, Layout.TOGETHER, (_, _) -> { }));
        assertEquals(List.of("AEROFN_KAFKA_BOOTSTRAP: the local platform decides this itself; unset it",
                "AEROFN_WORKER_PORT: the local platform decides this itself; unset it"), refusal.problems());
    }

    @Test
    void saysInOneLineWhyItCannotStart() throws Exception {
        var file = Files.createFile(directory.resolve("a-file"));
        var up = new ProcessBuilder(AerofnCommand.line("up", "--data-dir", file.resolve("below").toString())).start();
        var errors = new String(up.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, up.waitFor(), errors);
        assertEquals(1, errors.lines().filter(line -> line.startsWith("aerofn: cannot use ")).count(), errors);
        assertEquals(1, errors.lines().count(), errors);
    }

    private LocalPlatform start() throws InterruptedException {
        return LocalPlatform.start(directory, 0, Map.of(), Layout.TOGETHER, (_, _) -> { });
    }

    private static void deployEcho(LocalPlatform platform) {
        var api = new Api(platform.url());
        var body = Api.multipart(List.of(Part.field("name", "echo"), Part.file("wasm", Functions.ECHO.getBytes(StandardCharsets.UTF_8))));
        var response = api.send(api.request("/functions/v1/deploy").header("Authorization", "Bearer " + token(platform, Role.SERVICE))
                .header("Content-Type", "multipart/form-data; boundary=the-boundary").POST(BodyPublishers.ofByteArray(body)));
        assertEquals(201, response.statusCode(), () -> Api.text(response));
    }

    private static HttpResponse<byte[]> call(LocalPlatform platform, String payload) {
        var api = new Api(platform.url());
        return api.send(api.request("/functions/v1/invoke/echo").header("Authorization", "Bearer " + token(platform, Role.ANON))
                .POST(BodyPublishers.ofString(payload)));
    }

    private static String invoke(LocalPlatform platform, String payload) {
        return new String(call(platform, payload).body(), StandardCharsets.UTF_8);
    }

    private static String token(LocalPlatform platform, Role role) {
        return platform.tokens().token(role, null, Duration.ofMinutes(5));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "nothing can be read from " + file;
        }
    }
}
