package io.aerodb.functions.benchmarks;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.Layout;
import io.aerodb.functions.launcher.LocalPlatform;
import java.io.ByteArrayOutputStream;
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
import java.util.Base64;
import java.util.Comparator;
import java.util.Properties;

/** The whole platform on this machine, in a temporary directory, and a client of its API. */
final class LocalApi implements AutoCloseable {

    private static final String BOUNDARY = "benchmark-boundary";

    private final Path directory;
    private final LocalPlatform platform;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    LocalApi() throws IOException, InterruptedException {
        directory = Files.createTempDirectory("aerofn-benchmark");
        platform = LocalPlatform.start(directory, 0, System.getenv(), Layout.TOGETHER, (part, took) -> System.err.println(part + " started in " + took.toMillis() + " ms"));
    }

    URI url() {
        return platform.url();
    }

    /** Of an ordinary caller. */
    String token() {
        return platform.tokens().token(Role.AUTHENTICATED, null, Duration.ofHours(1));
    }

    /** The database as its owner. */
    String connectionString() {
        return platform.connectionString();
    }

    /** Runs statements in the database as its owner. */
    void execute(String sql) {
        platform.execute(sql);
    }

    long workerPid() {
        return platform.services().getFirst().pid();
    }

    /** As the setting {@code record.keys} has them: what the platform keeps to itself, read from its directory. */
    String recordKeys() throws IOException {
        var secrets = new Properties();
        try (var reader = Files.newBufferedReader(directory.resolve("secrets.properties"))) {
            secrets.load(reader);
        }
        var key = Base64.getUrlDecoder().decode(secrets.getProperty("record.key"));
        return "dev1:" + Base64.getEncoder().encodeToString(key);
    }

    String kafkaBootstrap() {
        return platform.kafkaBootstrap();
    }

    /** @param module binary or text */
    void deploy(String name, byte[] module) throws IOException, InterruptedException {
        deploy(name, module, "{}");
    }

    /** @param module binary or text */
    void deploy(String name, byte[] module, String config) throws IOException, InterruptedException {
        var body = new ByteArrayOutputStream();
        body.writeBytes(text("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + name + "\r\n"));
        body.writeBytes(text("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"config\"\r\n\r\n" + config + "\r\n"));
        body.writeBytes(text("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"wasm\"; filename=\"module\"\r\n\r\n"));
        body.writeBytes(module);
        body.writeBytes(text("\r\n--" + BOUNDARY + "--\r\n"));
        send(201, HttpRequest.newBuilder(url("/functions/v1/deploy"))
                .header("Authorization", token(Role.SERVICE))
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.ofByteArray(body.toByteArray())).build());
    }

    /** Can be sent any number of times. */
    HttpRequest invocation(String name, byte[] payload) {
        return HttpRequest.newBuilder(url("/functions/v1/invoke/" + name))
                .header("Authorization", token(Role.AUTHENTICATED))
                .POST(BodyPublishers.ofByteArray(payload)).build();
    }

    HttpResponse<byte[]> send(int status, HttpRequest request) throws IOException, InterruptedException {
        var response = http.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() != status) {
            throw new IllegalStateException("the gateway answered " + response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response;
    }

    @Override
    public void close() throws IOException {
        http.close();
        platform.close();
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private URI url(String path) {
        return platform.url().resolve(path);
    }

    private String token(Role role) {
        return "Bearer " + platform.tokens().token(role, null, Duration.ofHours(1));
    }

    private static byte[] text(String ascii) {
        return ascii.getBytes(StandardCharsets.US_ASCII);
    }
}
