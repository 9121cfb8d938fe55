package io.aerodb.functions.gateway.outcome;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class InvocationAnswerTest {

    private static final InvocationId ID = InvocationId.at(Instant.EPOCH);

    @Test
    void showsJsonAsJson() {
        assertEquals(new JsonObject("{\"status\": 200, \"headers\": {\"content-type\": \"application/json\"}, \"body\": {\"a\": [1]}, \"body_encoding\": \"json\"}"),
                json(new Succeeded("{\"a\": [1]}".getBytes(UTF_8))));
        assertEquals(7, json(new Succeeded("7".getBytes(UTF_8))).getValue("body"));
    }

    @Test
    void showsTextAsText() {
        var json = json(new Succeeded("{\"statusCode\": 418, \"body\": \"short and stout\"}".getBytes(UTF_8)));
        assertEquals(418, json.getInteger("status"));
        assertEquals("short and stout", json.getString("body"));
        assertEquals("text", json.getString("body_encoding"));
    }

    @Test
    void showsTextThatIsOnlyCalledJsonAsText() {
        var json = json(new Succeeded("{\"statusCode\": 200, \"headers\": {\"content-type\": \"application/json\"}, \"body\": \"{oops\"}".getBytes(UTF_8)));
        assertEquals("{oops", json.getString("body"));
        assertEquals("text", json.getString("body_encoding"));
    }

    @Test
    void showsOtherBytesInBase64() {
        var bytes = new byte[] {0, (byte) 0xff, 7};
        var json = json(new Succeeded(bytes));
        assertEquals(Base64.getEncoder().encodeToString(bytes), json.getString("body"));
        assertEquals("base64", json.getString("body_encoding"));
    }

    @Test
    void showsThatThereIsNoBody() {
        var json = json(new Succeeded(new byte[0]));
        assertNull(json.getValue("body"));
        assertEquals("none", json.getString("body_encoding"));
    }

    @Test
    void showsHeadersThatAreRepeated() {
        var json = json(new Succeeded("{\"statusCode\": 200, \"headers\": {\"Set-Cookie\": [\"a=1\", \"b=2\", \"c=3\"], \"x-invocation-id\": \"mine\"}}".getBytes(UTF_8)));
        assertEquals(new JsonObject().put("set-cookie", JsonArray.of("a=1", "b=2", "c=3")), json.getJsonObject("headers"));
    }

    @Test
    void showsTheProblemOfAFailure() {
        var json = json(new Failed(Failure.WORKER_LOST, "its worker was lost", new byte[0]));
        assertEquals(500, json.getInteger("status"));
        assertEquals("application/problem+json", json.getJsonObject("headers").getString("content-type"));
        assertEquals("worker_lost", json.getJsonObject("body").getString("code"));
        assertEquals(ID.toString(), json.getJsonObject("body").getString("invocation_id"));
    }

    private static JsonObject json(Outcome outcome) {
        return InvocationAnswer.of(ID, "hello", outcome).toJson();
    }
}
