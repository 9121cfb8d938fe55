package io.aerodb.functions.benchmarks;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.LocalPlatform;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Prints how long a call of a function takes from HTTP to HTTP, one in flight, on the whole platform on this machine, beside a bare
 * request and reply on the same broker and a request that the gateway answers by itself, in the same minutes.
 */
final class HttpPath {

    private static final int WARM_UP = 5_000;
    private static final int ROUNDS = 20;
    private static final int CALLS = 250;
    private static final byte[] PAYLOAD = "x".repeat(1024).getBytes(StandardCharsets.US_ASCII);
    private static final String BOUNDARY = "benchmark-boundary";
    private static final String ECHO = """
            (module
              (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
              (memory (export "memory") 1)
              (func (export "handler") (result i32) %s))""".formatted(Guests.ECHO);

    private HttpPath() {}

    public static void main(String[] arguments) throws Exception {
        var directory = Files.createTempDirectory("aerofn-benchmark");
        try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                var platform = LocalPlatform.start(directory, 0, System.getenv(), (part, took) -> System.err.println(part + " started in " + took.toMillis() + " ms"));
                var kafka = KafkaEcho.start(platform.kafkaBootstrap())) {
            deploy(http, platform);
            var invoke = HttpRequest.newBuilder(url(platform, "/invoke/echo"))
                    .header("Authorization", token(platform, Role.AUTHENTICATED))
                    .POST(BodyPublishers.ofByteArray(PAYLOAD)).build();
            var health = HttpRequest.newBuilder(platform.url().resolve("/health/live")).build();
            measure(
                    () -> {
                        kafka.call(PAYLOAD);
                        return true;
                    },
                    () -> requireStatus(200, http.send(health, BodyHandlers.ofByteArray())),
                    () -> requireStatus(200, http.send(invoke, BodyHandlers.ofByteArray())));
        } finally {
            delete(directory);
        }
    }

    /** By turns, so that whatever else the machine does meets all of them. */
    private static void measure(Callable<?> kafka, Callable<?> http, Callable<?> function) throws Exception {
        var works = List.of(kafka, http, function);
        for (var work : works) {
            time(work, WARM_UP);
        }
        var nanos = new long[works.size()][ROUNDS * CALLS];
        for (var round = 0; round < ROUNDS; round++) {
            for (var i = 0; i < works.size(); i++) {
                System.arraycopy(time(works.get(i), CALLS), 0, nanos[i], round * CALLS, CALLS);
            }
        }
        System.out.printf("%-6s %22s %22s %22s %10s%n", "ms", "Kafka request, reply", "HTTP without Kafka", "HTTP call of echo", "added");
        for (var percent : new int[] {50, 95, 99}) {
            var millis = Arrays.stream(nanos).mapToDouble(sample -> percentile(sample, percent) / 1e6).toArray();
            System.out.printf("p%-5d %22.2f %22.2f %22.2f %10.2f%n", percent, millis[0], millis[1], millis[2], millis[2] - millis[0]);
        }
    }

    private static long percentile(long[] nanos, int percent) {
        var sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length * percent / 100];
    }

    private static long[] time(Callable<?> work, int times) throws Exception {
        var nanos = new long[times];
        for (var i = 0; i < times; i++) {
            var start = System.nanoTime();
            work.call();
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }

    private static void deploy(HttpClient http, LocalPlatform platform) throws IOException, InterruptedException {
        var body = part("name\"", "echo") + part("wasm\"; filename=\"echo.wat\"", ECHO) + "--" + BOUNDARY + "--\r\n";
        requireStatus(201, http.send(HttpRequest.newBuilder(url(platform, "/deploy"))
                .header("Authorization", token(platform, Role.SERVICE))
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofByteArray()));
    }

    private static String part(String name, String content) {
        return "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\r\n\r\n" + content + "\r\n";
    }

    private static URI url(LocalPlatform platform, String path) {
        return platform.url().resolve("/functions/v1" + path);
    }

    private static String token(LocalPlatform platform, Role role) {
        return "Bearer " + platform.tokens().token(role, null, Duration.ofHours(1));
    }

    private static HttpResponse<byte[]> requireStatus(int status, HttpResponse<byte[]> response) {
        if (response.statusCode() != status) {
            throw new IllegalStateException("the gateway answered " + response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response;
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
