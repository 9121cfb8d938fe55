package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.SchemaRepository;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares answers with what the gateway's own OpenAPI document says about them, and remembers which it has seen. */
final class ApiContract implements AutoCloseable {

    private static final String BASE = "app://api/";
    private static final JsonSchemaOptions OPTIONS =
            new JsonSchemaOptions().setDraft(Draft.DRAFT202012).setBaseUri(BASE).setOutputFormat(OutputFormat.Basic);

    private final Vertx vertx = Vertx.vertx();
    private final JsonNode document;
    private final SchemaRepository schemas;
    private final Set<String> seen = new HashSet<>();

    /** @param document as the gateway shows it */
    ApiContract(JsonNode document) {
        this.document = document;
        document.path("components").path("schemas").forEach(ApiContract::close);
        schemas = SchemaRepository.create(OPTIONS).preloadMetaSchema(vertx.fileSystem())
                .dereference("openapi", JsonSchema.of(new JsonObject(document.toString())));
    }

    /** An operation as the document has it. */
    record Described(String id, String method, String path, JsonNode responses) {}

    List<Described> operations() {
        var operations = new ArrayList<Described>();
        document.path("paths").properties().forEach(path -> path.getValue().properties().stream()
                .filter(method -> method.getValue().has("operationId"))
                .forEach(method -> operations.add(new Described(method.getValue().path("operationId").asText(),
                        method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue().path("responses")))));
        return operations;
    }

    /** Insists that an answer is one that the operation may give. @return the answer */
    HttpResponse<byte[]> check(String operation, HttpResponse<byte[]> answer) {
        var responses = operations().stream().filter(one -> one.id().equals(operation)).findFirst().orElseThrow().responses();
        var status = String.valueOf(answer.statusCode());
        var response = resolved(responses.path(responses.has(status) ? status : "default"));
        var what = operation + ": " + Api.text(answer);
        response.path("headers").properties().forEach(header -> checkHeader(header, answer, what));
        var contentType = answer.headers().firstValue("content-type").orElse("");
        if (!response.has("content")) {
            assertEquals(0, answer.body().length, what);
        } else {
            var content = response.path("content");
            var schema = content.properties().stream().filter(one -> one.getKey().equals("*/*") || contentType.startsWith(one.getKey())).findFirst()
                    .orElseThrow(() -> new AssertionError(what + " is of an undocumented type: " + contentType)).getValue().path("schema");
            if (contentType.contains("json") && !schema.isMissingNode()) {
                checkValue(schema, Json.decodeValue(new String(answer.body(), StandardCharsets.UTF_8)), what);
            }
        }
        seen.add(operation + " " + status + code(answer, contentType));
        return answer;
    }

    /** Insists that every status and error code of every operation was seen, and of what any operation may answer the given codes. */
    void assertComplete(Set<String> anywhere) {
        var missing = new TreeSet<String>();
        for (var operation : operations()) {
            operation.responses().properties().stream().filter(response -> !response.getKey().equals("default")).forEach(response -> {
                var codes = resolved(response.getValue()).path("content").path("application/problem+json").path("schema").path("allOf").path(1)
                        .path("properties").path("code").path("enum");
                if (codes.isMissingNode()) {
                    missing.add(operation.id() + " " + response.getKey());
                }
                codes.forEach(code -> missing.add(operation.id() + " " + response.getKey() + " " + code.asText()));
            });
        }
        missing.removeAll(seen);
        assertEquals(Set.of(), missing, "these are documented, and nothing provokes them");
        for (var code : anywhere) {
            assertTrue(seen.stream().anyMatch(one -> one.endsWith(" " + code)), code);
        }
    }

    private void checkHeader(Map.Entry<String, JsonNode> header, HttpResponse<byte[]> answer, String what) {
        var description = resolved(header.getValue());
        var value = answer.headers().firstValue(header.getKey());
        assertFalse(value.isEmpty() && description.path("required").booleanValue(), () -> what + " has no header " + header.getKey());
        value.ifPresent(text -> checkValue(description.path("schema"),
                description.path("schema").path("type").asText().equals("integer") ? Integer.valueOf(text) : text, what + " " + header.getKey()));
    }

    private void checkValue(JsonNode schema, Object value, String what) {
        var absolute = schema.toString().replace("\"#/components/", "\"" + BASE + "openapi#/components/");
        var result = schemas.validator(JsonSchema.of(new JsonObject(absolute)), OPTIONS).validate(value);
        assertTrue(result.getValid(), () -> what + ": " + result.toJson().encodePrettily());
    }

    private static String code(HttpResponse<byte[]> answer, String contentType) {
        return contentType.equals("application/problem+json") ? " " + Api.json(answer).path("code").asText() : "";
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    /** Clients must put up with members they do not know; here each one has to be documented. */
    private static void close(JsonNode schema) {
        if (schema instanceof ObjectNode object && object.has("properties") && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        schema.forEach(ApiContract::close);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
