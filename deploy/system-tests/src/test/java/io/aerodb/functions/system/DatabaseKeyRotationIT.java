package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key that signs callers' claims changes while functions query. */
class DatabaseKeyRotationIT {

    private static final String USER = "00000000-0000-4000-8000-00000000a11c";
    private static final String WHO = "SELECT auth.uid() AS who";

    @TempDir
    private Path directory;

    @Test
    void noCallFailsWhileTheKeyChanges() throws Exception {
        try (var platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared())) {
            var oldSettings = platform.hardenDatabase();
            var api = platform.startGateway(Map.of());
            var oldWorker = platform.startWorker(oldSettings);
            api.deployed("query", Functions.QUERY, "{}");
            try (var caller = new Caller(api)) {
                caller.awaitCalls(20);

                var added = rotate(platform, oldSettings);
                var setting = added.lines().map(String::strip).filter(line -> line.startsWith(GuestSettings.KEYS + "=")).findFirst().orElseThrow();
                var newSettings = new HashMap<>(oldSettings);
                newSettings.put(GuestSettings.KEYS, setting.substring(GuestSettings.KEYS.length() + 1));
                caller.awaitCalls(20); // signed with the old key
                platform.startWorker(newSettings);
                caller.awaitCalls(20); // signed with either
                oldWorker.close();
                caller.awaitCalls(20); // signed with the new key

                assertTrue(rotate(platform, oldSettings, "--retire").contains("these are the old settings"));
                assertTrue(rotate(platform, newSettings, "--retire").contains("no other key"));
                caller.awaitCalls(20);
                assertEquals(List.of(), caller.failures());
            }
            assertEquals(1, AerofnCommand.run(oldSettings, "doctor").status());
        }
    }

    @Test
    void putsTheNewKeyWhereTheOldOneStands() throws Exception {
        try (var platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared())) {
            platform.hardenDatabase();
            var file = directory.resolve("worker.properties");
            var before = """
                    # ours
                    kafka.bootstrap=kafka:9092
                    worker.guest-database-url=%s
                    worker.guest-database-password-anon=the password of anon
                    worker.guest-database-password-authenticated=the password of authenticated
                    worker.guest-database-claim-keys = k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
                    worker.guest-database-password-service-role=the password of service_role
                    """.formatted(platform.database().jdbcUrl());
            Files.writeString(file, before);
            rotate(platform, Map.of("AEROFN_CONFIG_FILE", file.toString()));
            var after = Files.readString(file);
            assertEquals(before.lines().filter(line -> !line.contains("claim-keys")).toList(), after.lines().filter(line -> !line.contains("claim-keys")).toList());
            assertTrue(!after.contains("k1:") && after.contains("worker.guest-database-claim-keys = k2"), after);
            rotate(platform, Map.of("AEROFN_CONFIG_FILE", file.toString()), "--retire");
            var doctor = AerofnCommand.run(Map.of(), "doctor", "--settings", file.toString());
            assertEquals(0, doctor.status(), doctor.output());
        }
    }

    private static String rotate(TestPlatform platform, Map<String, String> settings, String... options) throws Exception {
        var variables = new HashMap<>(settings);
        variables.put("PGPASSWORD", platform.database().adminPassword());
        var arguments = new ArrayList<>(List.of("database", "rotate-key", "--url", platform.database().jdbcUrl(), "--user", platform.database().adminUser()));
        arguments.addAll(List.of(options));
        return AerofnCommand.run(variables, arguments.toArray(String[]::new)).output();
    }

    /** Calls a function that asks who calls, over and over. */
    private static final class Caller implements AutoCloseable {

        private final AtomicInteger calls = new AtomicInteger();
        private final List<String> failures = new ArrayList<>();
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final CompletableFuture<Void> loop;

        Caller(Api api) {
            loop = CompletableFuture.runAsync(() -> {
                while (!stopped.get()) {
                    check(api.send(api.request("/functions/v1/invoke/query").header("Authorization", "Bearer " + Api.token(Role.AUTHENTICATED, USER))
                            .POST(BodyPublishers.ofString(WHO))));
                }
            });
        }

        private void check(HttpResponse<byte[]> response) {
            if (response.statusCode() != 200 || !new String(response.body(), StandardCharsets.UTF_8).contains("[{\"who\":\"" + USER + "\"}]")) {
                synchronized (failures) {
                    failures.add(Api.text(response));
                }
            }
            calls.incrementAndGet();
        }

        void awaitCalls(int more) {
            var until = calls.get() + more;
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> calls.get() >= until);
        }

        List<String> failures() {
            synchronized (failures) {
                return List.copyOf(failures);
            }
        }

        @Override
        public void close() {
            stopped.set(true);
            loop.join();
        }
    }
}
