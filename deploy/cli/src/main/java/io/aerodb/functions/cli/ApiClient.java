package io.aerodb.functions.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The HTTP API as the commands use it. */
final class ApiClient {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Set<Integer> TRY_AGAIN = Set.of(429, 502, 503, 504);
    private static final String BASE = "/functions/v1";

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_TIMEOUT).build();
    private final URI url;
    private final String token;

    ApiClient(URI url, String token) {
        this.url = url;
        this.token = token;
    }

    /** @param wasm a module, binary or text @param config JSON */
    JsonNode deploy(String name, String fileName, byte[] wasm, Optional<String> config) throws IOException, InterruptedException {
        var boundary = "aerofn-" + UUID.randomUUID();
        var body = new ByteArrayOutputStream();
        part(body, boundary, "name\"", name.getBytes(StandardCharsets.UTF_8));
        part(body, boundary, "wasm\"; filename=\"" + fileName.replace('"', '_') + "\"", wasm);
        if (config.isPresent()) {
            part(body, boundary, "config\"", config.get().getBytes(StandardCharsets.UTF_8));
        }
        body.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return json(send(request("/deploy")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.ofByteArray(body.toByteArray()))));
    }

    /** @param headers names and values in turn */
    HttpResponse<byte[]> invoke(String name, byte[] payload, String... headers) throws IOException, InterruptedException {
        var request = request("/invoke/" + encoded(name)).POST(BodyPublishers.ofByteArray(payload));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    /** @param wait how long to wait for its end, such as 5s; null to be told at once */
    JsonNode invocation(String id, @Nullable String wait) throws IOException, InterruptedException {
        return json(send(request("/invocations/" + encoded(id) + (wait == null ? "" : "?wait=" + encoded(wait)))));
    }

    void cancel(String id) throws IOException, InterruptedException {
        check(send(request("/invocations/" + encoded(id)).DELETE()));
    }

    /** @param version to run; null for the one that it ran @param key null for a replay of its own */
    JsonNode replay(String id, @Nullable String version, @Nullable String key) throws IOException, InterruptedException {
        var request = request("/invocations/" + encoded(id) + "/replay" + (version == null ? "" : "?version=" + encoded(version)))
                .POST(BodyPublishers.noBody());
        return json(send(key == null ? request : request.header("Idempotency-Key", key)));
    }

    /** @param function null for all of them */
    JsonNode deadLetters(@Nullable String function, int limit) throws IOException, InterruptedException {
        return json(send(request("/dead-letters?limit=" + limit + (function == null ? "" : "&function=" + encoded(function)))));
    }

    void discardDeadLetter(String id) throws IOException, InterruptedException {
        check(send(request("/dead-letters/" + encoded(id)).DELETE()));
    }

    /** @param rate rows a second; null for the gateway's default @param key null for a backfill of its own */
    JsonNode startBackfill(String name, String trigger, @Nullable Integer rate, @Nullable String key) throws IOException, InterruptedException {
        var request = request("/" + encoded(name) + "/triggers/" + encoded(trigger) + "/backfill")
                .POST(rate == null ? BodyPublishers.noBody() : BodyPublishers.ofString("{\"rate\": " + rate + "}"));
        return json(send(key == null ? request : request.header("Idempotency-Key", key)));
    }

    JsonNode backfills(String name, int limit) throws IOException, InterruptedException {
        return json(send(request("/" + encoded(name) + "/backfills?limit=" + limit)));
    }

    JsonNode backfill(String name, String id) throws IOException, InterruptedException {
        return json(send(request(backfillPath(name, id))));
    }

    JsonNode cancelBackfill(String name, String id) throws IOException, InterruptedException {
        return json(send(request(backfillPath(name, id)).DELETE()));
    }

    private static String backfillPath(String name, String id) {
        return "/" + encoded(name) + "/backfills/" + encoded(id);
    }

    JsonNode list(String after) throws IOException, InterruptedException {
        return json(send(request("?limit=500&after=" + encoded(after))));
    }

    JsonNode show(String name) throws IOException, InterruptedException {
        return json(send(request("/" + encoded(name))));
    }

    /** A function, and the tag that guards a change of it. */
    record Tagged(JsonNode body, String tag) {}

    Tagged showTagged(String name) throws IOException, InterruptedException {
        return tagged(send(request("/" + encoded(name))));
    }

    /** @param patch JSON @param ifMatch null to change it whatever it is like */
    Tagged patch(String name, String patch, @Nullable String ifMatch) throws IOException, InterruptedException {
        return tagged(send(matching(request("/" + encoded(name)), ifMatch)
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(patch))));
    }

    JsonNode versions(String name, String after) throws IOException, InterruptedException {
        return json(send(request("/" + encoded(name) + "/versions?limit=500" + (after.isEmpty() ? "" : "&after=" + encoded(after)))));
    }

    JsonNode activate(String name, int version, @Nullable String ifMatch) throws IOException, InterruptedException {
        return json(send(matching(request("/" + encoded(name) + "/versions/" + version + "/activate"), ifMatch).POST(BodyPublishers.noBody())));
    }

    JsonNode logs(String name, int limit) throws IOException, InterruptedException {
        return logs(name, limit, null);
    }

    /** @param status null for any */
    JsonNode logs(String name, int limit, @Nullable String status) throws IOException, InterruptedException {
        return json(send(request("/" + encoded(name) + "/logs?limit=" + limit + (status == null ? "" : "&status=" + encoded(status)))));
    }

    /** Live events. @param lastEventId where to go on; empty to begin now @return the stream, which the caller closes */
    InputStream events(String name, @Nullable String status, String lastEventId) throws IOException, InterruptedException {
        var request = request("/" + encoded(name) + "/logs" + (status == null ? "" : "?status=" + encoded(status))).header("Accept", "text/event-stream");
        var response = send(lastEventId.isEmpty() ? request : request.header("Last-Event-ID", lastEventId), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            try (var body = response.body()) {
                check(response.statusCode(), response.headers(), body.readAllBytes());
            }
        }
        return response.body();
    }

    void delete(String name) throws IOException, InterruptedException {
        check(send(request("/" + encoded(name)).DELETE()));
    }

    void putSecret(String name, String key, byte[] value) throws IOException, InterruptedException {
        check(send(request(secret(name, key)).PUT(BodyPublishers.ofByteArray(value))));
    }

    void deleteSecret(String name, String key) throws IOException, InterruptedException {
        check(send(request(secret(name, key)).DELETE()));
    }

    private static String secret(String name, String key) {
        return "/" + encoded(name) + "/secrets/" + encoded(key);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url.resolve(BASE + path)).header("Authorization", "Bearer " + token);
    }

    private static HttpRequest.Builder matching(HttpRequest.Builder request, @Nullable String ifMatch) {
        return ifMatch == null ? request : request.header("If-Match", ifMatch);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return send(request, BodyHandlers.ofByteArray());
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body) throws IOException, InterruptedException {
        try {
            return http.send(request.build(), body);
        } catch (ConnectException e) {
            throw CommandException.away("nothing answers at " + url + "; is 'aerofn up' running there?");
        }
    }

    private static JsonNode json(HttpResponse<byte[]> response) throws IOException {
        check(response);
        return MAPPER.readTree(response.body());
    }

    private static Tagged tagged(HttpResponse<byte[]> response) throws IOException {
        return new Tagged(json(response), response.headers().firstValue("etag").orElse(""));
    }

    private static void check(HttpResponse<byte[]> response) throws IOException {
        check(response.statusCode(), response.headers(), response.body());
    }

    /** @throws CommandException with what the gateway says is wrong */
    private static void check(int status, HttpHeaders headers, byte[] body) throws IOException {
        if (status >= 300) {
            var type = headers.firstValue("content-type").orElse("");
            var problem = type.startsWith("application/problem+json") ? MAPPER.readTree(body) : MAPPER.createObjectNode();
            var message = "%d %s: %s".formatted(status,
                    problem.path("code").asText("unexpected"), problem.path("detail").asText("the gateway's answer is not ours"));
            throw TRY_AGAIN.contains(status) ? CommandException.away(message) : new CommandException(message);
        }
    }

    private static void part(ByteArrayOutputStream body, String boundary, String disposition, byte[] content) {
        body.writeBytes(("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + disposition + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        body.writeBytes(content);
        body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
