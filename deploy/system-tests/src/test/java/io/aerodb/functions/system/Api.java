package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.DevelopmentTokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A client of one gateway, as a user would write one.
 *
 * @param tokens what its requests are made with
 */
public record Api(URI url, DevelopmentTokens tokens) {

    /** What the gateway has to be told to know these clients' tokens. */
    public static final String JWT_SECRET = TestPlatform.JWT_SECRET;
    static final JsonMapper MAPPER = JsonMapper.builder().build();
    static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String BOUNDARY = "the-boundary";

    private static final String SUBJECT = "user-7";
    private static final Duration TOKEN_LIFE = Duration.ofMinutes(10);

    public Api(URI url) {
        this(url, new DevelopmentTokens(JWT_SECRET));
    }

    record Part(String name, String fileName, byte[] content) {

        static Part field(String name, String value) {
            return new Part(name, "", value.getBytes(StandardCharsets.UTF_8));
        }

        static Part file(String name, byte[] content) {
            return new Part(name, name + ".bin", content);
        }
    }

    public static String token(Role role) {
        return token(role, SUBJECT);
    }

    public static String token(Role role, @Nullable String subject) {
        return new DevelopmentTokens(JWT_SECRET).token(role, subject, TOKEN_LIFE);
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url.resolve(path)).timeout(Duration.ofMinutes(2));
    }

    public HttpRequest.Builder as(Role role, String path) {
        return request(path).header("Authorization", "Bearer " + tokens.token(role, SUBJECT, TOKEN_LIFE));
    }

    public HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public HttpResponse<byte[]> get(String path) {
        return send(as(Role.SERVICE, path));
    }

    HttpResponse<byte[]> delete(String path) {
        return send(as(Role.SERVICE, path).DELETE());
    }

    HttpResponse<byte[]> invoke(String name, String payload) {
        return send(as(Role.AUTHENTICATED, "/functions/v1/invoke/" + name).POST(BodyPublishers.ofString(payload)));
    }

    HttpResponse<byte[]> deploy(Part... parts) {
        return send(as(Role.SERVICE, "/functions/v1/deploy").header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.ofByteArray(multipart(List.of(parts)))));
    }

    HttpResponse<byte[]> deploy(String name, String wat) {
        return deploy(Part.field("name", name), Part.file("wasm", wat.getBytes(StandardCharsets.UTF_8)));
    }

    HttpResponse<byte[]> deploy(String name, String wat, String config) {
        return deploy(Part.field("name", name), Part.file("wasm", wat.getBytes(StandardCharsets.UTF_8)), Part.field("config", config));
    }

    /** Deploys and insists that it worked. @return the metadata */
    public JsonNode deployed(String name, String wat, String config) {
        var response = deploy(name, wat, config);
        assertTrue(response.statusCode() == 201 || response.statusCode() == 200, () -> text(response));
        return json(response);
    }

    /** The log row of an invocation, once it is there. */
    JsonNode logRow(String function, String id) {
        return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20)).until(
                () -> rows(function).stream().filter(row -> row.path("id").asText().equals(id)).findFirst().orElse(MAPPER.missingNode()),
                row -> !row.isMissingNode());
    }

    List<JsonNode> rows(String function) {
        var rows = new ArrayList<JsonNode>();
        json(get("/functions/v1/" + function + "/logs?limit=500")).path("invocations").forEach(rows::add);
        return rows;
    }

    static String id(HttpResponse<byte[]> response) {
        return response.headers().firstValue("x-invocation-id").orElseThrow(() -> new AssertionError("no invocation id: " + text(response)));
    }

    public static String text(HttpResponse<byte[]> response) {
        return response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8);
    }

    public static JsonNode json(HttpResponse<byte[]> response) {
        try {
            return MAPPER.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(text(response), e);
        }
    }

    /** Insists on an error in the form every error has. @return its detail */
    static String assertProblem(int status, String code, HttpResponse<byte[]> response) {
        assertEquals(status, response.statusCode(), () -> text(response));
        assertEquals("application/problem+json", response.headers().firstValue("content-type").orElse(""));
        var problem = json(response);
        assertEquals(code, problem.path("code").asText());
        assertEquals(status, problem.path("status").asInt());
        assertTrue(problem.hasNonNull("title") && problem.hasNonNull("type"), problem::toString);
        assertTrue(!problem.toString().contains("Exception") && !problem.toString().contains("\\tat "), problem::toString);
        return problem.path("detail").asText();
    }

    static byte[] multipart(List<Part> parts) {
        var body = new ByteArrayOutputStream();
        for (var part : parts) {
            var disposition = "form-data; name=\"" + part.name() + "\"" + (part.fileName().isEmpty() ? "" : "; filename=\"" + part.fileName() + "\"");
            body.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: " + disposition + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            body.writeBytes(part.content());
            body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return body.toByteArray();
    }
}
