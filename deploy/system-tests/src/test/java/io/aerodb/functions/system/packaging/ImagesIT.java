package io.aerodb.functions.system.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aerodb.functions.embedded.FreePort;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.system.Api;
import io.aerodb.functions.system.Repository;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The images that {@code -P images} makes run, and are the same as those of the Dockerfile. */
@EnabledOnOs(OS.LINUX)
class ImagesIT {

    private static final Duration READY = Duration.ofMinutes(2);
    private static final int SIGTERM = 15;
    private static final Pattern ENTRYPOINT = Pattern.compile("ENTRYPOINT \\[\"/opt/aerofn/start\", \"([a-z]+)\"]");

    @TempDir
    private Path directory;

    @BeforeAll
    static void wereMade() {
        assumeTrue(List.of("gateway", "worker", "scheduler", "bridge", "aerofn").stream().map(Image::archive).allMatch(Files::exists),
                "there are no images: build with -P images");
    }

    @BeforeEach
    void letTheImagesUserIn() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @ParameterizedTest
    @EnumSource
    void saysHowItIsRun(Service service) throws Exception {
        var image = Image.unpack(service.label(), directory);
        assertEquals("10001:10001", image.config().at("User").text());
        assertEquals("/opt/aerofn", image.config().at("WorkingDir").text());
        assertEquals("[/opt/aerofn/start, " + service.label() + "]", image.config().at("Entrypoint").text());
        assertTrue(image.config().at("ExposedPorts").members().containsKey(service.port() + "/tcp"), image.config()::text);
        assertEquals("json", image.environment().get("AEROFN_LOG_FORMAT"));
        for (var script : List.of("start", "healthy")) {
            assertTrue(Files.isExecutable(image.inside("/opt/aerofn/" + script)), script);
        }
        var writable = Pattern.compile("....w....|.......w.");
        try (var files = Files.walk(image.root())) {
            assertEquals(List.of(), files.filter(file -> writable.matcher(permissions(file)).matches()).toList(), "others could change it");
        }
    }

    @Test
    void isTheSameAsTheDockerfilesWouldBe() throws IOException {
        var dockerfile = Files.readString(Repository.root().resolve("deploy/images/Dockerfile"));
        var programs = ENTRYPOINT.matcher(dockerfile).results().map(result -> result.group(1)).collect(Collectors.toSet());
        assertEquals(new HashSet<>(List.of("gateway", "worker", "scheduler", "bridge", "aerofn")), programs);
        for (var service : Service.values()) {
            assertTrue(dockerfile.contains("EXPOSE " + service.port() + "\nENTRYPOINT [\"/opt/aerofn/start\", \"" + service.label() + "\"]"), service.label());
        }
        assertTrue(dockerfile.contains("USER 10001:10001"), dockerfile);
    }

    @Test
    void runsTheCommand() throws Exception {
        var log = directory.resolve("aerofn.log");
        var command = Image.unpack("aerofn", directory).start(Map.of("AEROFN_KAFKA_BOOTSTARP", "x"), log, "config", "--check", "--service", "scheduler");
        assertTrue(command.waitFor(1, TimeUnit.MINUTES), "it does not end");
        var output = Files.readString(log);
        assertEquals(2, command.exitValue(), output);
        assertTrue(output.contains("aerofn: scheduler: AEROFN_KAFKA_BOOTSTARP: there is no such setting; did you mean AEROFN_KAFKA_BOOTSTRAP?"), output);
    }

    /** From the images, with nothing that is not in them but Java: a function is compiled, deployed, called, and its row written. */
    @Test
    void runsFunctions() throws Exception {
        try (var kafka = TestKafka.own(); var postgres = TestPostgres.own()) {
            var database = postgres.newDatabase();
            var shared = Map.of(
                    "AEROFN_KAFKA_BOOTSTRAP", kafka.bootstrap(),
                    "AEROFN_KAFKA_REQUEST_PARTITIONS", "2",
                    "AEROFN_KAFKA_EVENT_PARTITIONS", "2",
                    "AEROFN_KAFKA_REPLY_PARTITIONS", "1",
                    "AEROFN_KAFKA_OUTCOME_PARTITIONS", "1",
                    "AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                    "AEROFN_DATABASE_URL", database.jdbcUrl(),
                    "AEROFN_DATABASE_USER", database.user(),
                    "AEROFN_DATABASE_PASSWORD", database.password());
            var running = new ArrayList<Process>();
            try {
                var gateway = FreePort.find();
                running.add(start(Service.GATEWAY, gateway, shared, Map.of("AEROFN_GATEWAY_JWT_SECRET", Api.JWT_SECRET)));
                running.add(start(Service.WORKER, FreePort.find(), shared, Map.of()));
                running.add(start(Service.SCHEDULER, FreePort.find(), shared, Map.of()));
                var api = new Api(URI.create("http://127.0.0.1:" + gateway));
                api.deployed("hello", Files.readString(Repository.root().resolve("examples/hello/hello.wat")), "{}");
                var answer = api.send(api.as(Role.SERVICE, "/functions/v1/invoke/hello").POST(BodyPublishers.ofString("{\"name\": \"image\"}")));
                assertEquals(200, answer.statusCode(), Api.text(answer));
                for (var service : running) {
                    service.toHandle().destroy();
                }
                for (var service : running) {
                    assertTrue(service.waitFor(60, TimeUnit.SECONDS), "it does not stop when it is told to");
                    assertEquals(128 + SIGTERM, service.exitValue());
                }
            } finally {
                running.forEach(Process::destroyForcibly);
            }
        }
    }

    private Process start(Service service, int port, Map<String, String> shared, Map<String, String> own) throws Exception {
        var image = Image.unpack(service.label(), directory);
        var settings = new HashMap<>(shared);
        var prefix = "AEROFN_" + service.name().toUpperCase(Locale.ROOT) + "_";
        settings.put(prefix + "HOST", "127.0.0.1");
        settings.put(prefix + "PORT", String.valueOf(port));
        settings.putAll(own);
        var log = directory.resolve(service.label() + ".log");
        var process = image.start(settings, log);
        Awaitility.await(service.label() + " is healthy").atMost(READY).pollInterval(Duration.ofMillis(200)).until(() -> {
            assertTrue(process.isAlive(), () -> service.label() + " has ended:\n" + text(log));
            return image.isHealthy(port);
        });
        return process;
    }

    private static String permissions(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "its log cannot be read: " + e.getMessage();
        }
    }
}
