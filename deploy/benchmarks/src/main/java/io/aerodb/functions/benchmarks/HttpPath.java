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
import java.util.concurrent.Callable;

/**
 * Prints how long a call of a function takes from HTTP to HTTP, one in flight, on the whole platform on this machine, beside a bare
 * request and reply on the same broker in the same minutes.
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
                var platform = LocalPlatform.start(directory, 0, (part, took) -> System.err.println(part + " started in " + took.toMillis() + " ms"));
                var kafka = KafkaEcho.start(platform.kafkaBootstrap())) {
            deploy(http, platform);
            var invoke = HttpRequest.newBuilder(url(platform, "/invoke/echo"))
                    .header("Authorization", token(platform, Role.AUTHENTICATED))
                    .POST(BodyPublishers.ofByteArray(PAYLOAD)).build();
            measure(() -> {
                kafka.call(PAYLOAD);
                return true;
            }, () -> requireStatus(200, http.send(invoke, BodyHandlers.ofByteArray())));
        } finally {
            delete(directory);
        }
    }

    /** By turns, so that whatever else the machine does meets both. */
    private static void measure(Callable<?> kafka, Callable<?> function) throws Exception {
        time(kafka, WARM_UP);
        time(function, WARM_UP);
        var bare = new long[ROUNDS * CALLS];
        var whole = new long[ROUNDS * CALLS];
        for (var round = 0; round < ROUNDS; round++) {
            System.arraycopy(time(kafka, CALLS), 0, bare, round * CALLS, CALLS);
            System.arraycopy(time(function, CALLS), 0, whole, round * CALLS, CALLS);
        }
        Arrays.sort(bare);
        Arrays.sort(whole);
        System.out.printf("%-6s %22s %22s %10s%n", "", "Kafka request, reply", "HTTP call of echo", "added");
        for (var percent : new int[] {50, 95, 99}) {
            var floor = bare[bare.length * percent / 100] / 1e6;
            var call = whole[whole.length * percent / 100] / 1e6;
            System.out.printf("p%-5d %19.2f ms %19.2f ms %7.2f ms%n", percent, floor, call, call - floor);
        }
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
