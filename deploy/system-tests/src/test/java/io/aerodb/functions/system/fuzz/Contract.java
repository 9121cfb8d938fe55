package io.aerodb.functions.system.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What holds for every answer, whatever was asked: an error is a problem with a status and a code of the table in docs/http-api.md,
 * tells nothing of how the gateway is made, and says which invocation it is about if there is one.
 */
public final class Contract {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path DOCUMENT = Path.of("..", "..", "docs", "http-api.md");
    private static final Pattern ROW = Pattern.compile("\\| ([0-9, ]+) \\| ((?:`[a-z_]+`(?:, )?)+) \\|.*");
    /** A class with its package, a line of a stack trace, or the name of an exception. */
    private static final Pattern INSIDES = Pattern.compile("\\b(?:[a-z][a-z0-9_]*\\.){2,}[A-Z]\\w+|\\bat [\\w.$]+\\(|\\w(?:Exception|Error)\\b");
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** Documented, but here nothing is broken that could be their cause. */
    private static final Set<String> DEFECTS = Set.of("internal_error", "host_function_error", "worker_lost", "secrets_not_configured");
    private static final Set<String> OF_AN_INVOCATION = Set.of("function_error", "function_timeout", "memory_limit_exceeded", "bad_function_response");

    private final Set<String> documented = new HashSet<>();

    /** Reads the table of the document. */
    public Contract() throws IOException {
        for (var line : Files.readAllLines(DOCUMENT)) {
            var row = ROW.matcher(line);
            if (row.matches()) {
                for (var status : row.group(1).split(", ")) {
                    for (var code : row.group(2).split(", ")) {
                        documented.add(status.strip() + " " + code.replace("`", ""));
                    }
                }
            }
        }
        assertTrue(documented.size() > 30, () -> "the table of errors was not found: " + documented);
    }

    /** @return the code of the error, or the status */
    public String check(RawRequest request, RawAnswer answer) {
        var isProblem = answer.header("content-type").orElse("").equals("application/problem+json");
        if (answer.status() >= 400 && !isProblem) {
            var isOfTheFunction = answer.headers().containsKey("server-timing") && request.bodyText().contains("statusCode");
            assertTrue(isOfTheFunction || request.method().equals("HEAD"), () -> "an error that is no problem: " + answer);
        }
        assertFalse(answer.headers().containsKey("x-injected"), answer::toString);
        for (var id : answer.headers().getOrDefault("x-invocation-id", List.of())) {
            assertTrue(UUID.matcher(id).matches(), answer::toString);
        }
        if (isProblem && answer.body().length > 0) {
            return checkProblem(answer);
        }
        assertTrue(answer.status() < 300 || answer.status() >= 400 || answer.headers().containsKey("server-timing"), answer::toString);
        return String.valueOf(answer.status());
    }

    private String checkProblem(RawAnswer answer) {
        var problem = parsed(answer);
        var code = problem.path("code").asText();
        assertTrue(documented.contains(answer.status() + " " + code), () -> "not documented: " + answer);
        assertFalse(DEFECTS.contains(code), answer::toString);
        assertEquals(answer.status(), problem.path("status").asInt(), answer::toString);
        assertEquals("urn:aerodb:functions:problem:" + code, problem.path("type").asText(), answer::toString);
        assertFalse(problem.path("title").asText().isEmpty() || problem.path("detail").asText().isEmpty(), answer::toString);
        assertEquals(OF_AN_INVOCATION.contains(code), answer.headers().containsKey("x-invocation-id") && !code.equals("unavailable"), answer::toString);
        if (problem.has("invocation_id")) {
            assertEquals(answer.header("x-invocation-id").orElse(""), problem.path("invocation_id").asText(), answer::toString);
        }
        var members = new ArrayList<String>();
        ((ObjectNode) problem).remove("output");
        problem.forEach(member -> members.add(member.asText()));
        members.forEach(member -> assertFalse(INSIDES.matcher(member).find(), () -> "tells how the gateway is made: " + answer));
        return code;
    }

    private static JsonNode parsed(RawAnswer answer) {
        try {
            var problem = JSON.readTree(answer.body());
            assertTrue(problem.isObject(), answer::toString);
            return problem;
        } catch (IOException e) {
            throw new AssertionError("a problem that is no JSON: " + answer, e);
        }
    }
}
