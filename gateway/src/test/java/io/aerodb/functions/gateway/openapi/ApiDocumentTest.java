package io.aerodb.functions.gateway.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.gateway.http.LocalServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.openapi.contract.OpenAPIVersion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The lint of the OpenAPI document. */
class ApiDocumentTest {

    private static final ApiDocument DOCUMENT = ApiDocument.load();
    private static final JsonNode ROOT = read(DOCUMENT.json());
    /** Its 503 tells each dependency, as its 200 does. */
    private static final Set<String> NO_PROBLEMS = Set.of("ready");

    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        LocalServer.await(vertx.close());
    }

    @Test
    void isValidOpenApi31() {
        var document = new JsonObject(DOCUMENT.json());
        var result = LocalServer.await(OpenAPIVersion.fromContract(document).getRepository(vertx, "app://api/")
                .compose(rules -> OpenAPIVersion.V3_1.validateContract(vertx, rules, document)));
        assertTrue(result.getValid(), () -> result.toJson().encodePrettily());
    }

    @Test
    void describesEveryOperation() {
        var tags = new HashSet<>(ROOT.path("tags").findValuesAsText("name"));
        var ids = new HashSet<String>();
        eachOperation((id, operation) -> {
            assertTrue(id.matches("[a-z][A-Za-z]+") && ids.add(id), "operationId " + id);
            assertTrue(operation.path("summary").asText().matches("[A-Z].*[^.]"), id + " has no summary");
            assertEquals(1, operation.path("tags").size(), id + " has one tag");
            assertTrue(tags.contains(operation.path("tags").path(0).asText()), id + " has an unknown tag");
            assertTrue(operation.path("responses").has("default"), id + " does not say how other errors are answered");
        });
        assertEquals(DOCUMENT.operations().size(), ids.size());
    }

    @Test
    void answersEveryErrorWithAProblem() {
        eachOperation((id, operation) -> operation.path("responses").properties().forEach(response -> {
            var answer = resolved(response.getValue());
            assertFalse(answer.path("description").asText().isEmpty(), id + " " + response.getKey());
            if (response.getKey().matches("[45]..") && !NO_PROBLEMS.contains(id)) {
                var schema = answer.path("content").path("application/problem+json").path("schema").path("allOf");
                assertEquals("#/components/schemas/Problem", schema.path(0).path("$ref").asText(), id + " " + response.getKey());
                assertFalse(schema.path(1).path("properties").path("code").path("enum").isEmpty(), id + " " + response.getKey() + " names no codes");
            }
        }));
    }

    @Test
    void saysWhoMayCall() {
        eachOperation((id, operation) -> {
            var open = operation.has("security");
            assertEquals(open && operation.path("security").isEmpty(), !operation.path("responses").has("401"), id + " 401");
            if (!open) {
                assertTrue(operation.path("responses").has("403") && operation.path("description").asText().contains("For the service."), id);
            }
        });
    }

    @Test
    void usesEveryComponent() {
        var used = new HashSet<>(ROOT.findValuesAsText("$ref"));
        var unused = new TreeSet<String>();
        ROOT.path("components").properties().stream().filter(kind -> !kind.getKey().equals("securitySchemes")).forEach(kind ->
                kind.getValue().fieldNames().forEachRemaining(name -> {
                    var pointer = "#/components/" + kind.getKey() + "/" + name;
                    if (!used.remove(pointer)) {
                        unused.add(pointer);
                    }
                }));
        assertEquals(Set.of(), unused);
        assertEquals(Set.of(), used, "these are referred to and not there");
    }

    @Test
    void hasExamplesThatAreValid() {
        var checked = new ArrayList<String>();
        ROOT.path("components").path("schemas").properties().forEach(schema -> schema.getValue().path("examples").forEach(example -> {
            assertValid("#/components/schemas/" + schema.getKey(), example);
            checked.add(schema.getKey());
        }));
        eachOperation((id, operation) -> operation.path("requestBody").path("content").properties().forEach(content -> {
            if (content.getValue().has("example")) {
                assertValid(content.getValue().path("schema").path("$ref").asText(), content.getValue().path("example"));
                checked.add(id);
            }
        }));
        assertTrue(checked.containsAll(List.of("Problem", "FunctionConfig", "startReplay")), checked::toString);
    }

    @Test
    void reservesTheNamesThatTheCodeReserves() {
        var reserved = new HashSet<String>();
        ROOT.path("components").path("schemas").path("FunctionName").path("not").path("enum").forEach(name -> reserved.add(name.asText()));
        assertEquals(FunctionName.RESERVED, reserved);
    }

    private static void assertValid(String pointer, JsonNode value) {
        var options = new JsonSchemaOptions().setDraft(Draft.DRAFT202012).setBaseUri("app://api/").setOutputFormat(OutputFormat.Basic);
        var result = SchemaRepository.create(options).preloadMetaSchema(vertx.fileSystem())
                .dereference("openapi", JsonSchema.of(new JsonObject(DOCUMENT.json())))
                .validator("app://api/openapi" + pointer, options)
                .validate(value.isObject() ? new JsonObject(value.toString()) : value.asText());
        assertTrue(result.getValid(), () -> pointer + ": " + result.toJson().encodePrettily());
    }

    private static void eachOperation(BiConsumer<String, JsonNode> check) {
        ROOT.path("paths").forEach(path -> path.forEach(operation -> {
            if (operation.has("operationId")) {
                check.accept(operation.path("operationId").asText(), operation);
            }
        }));
    }

    private static JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? ROOT.at(node.path("$ref").asText().substring(1)) : node;
    }

    private static JsonNode read(String json) {
        try {
            return JsonMapper.builder().build().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
