package io.aerodb.functions.gateway.outcome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.PastAttempt;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class InvocationJsonTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void describesOneThatFailed() {
        var json = new JsonObject(InvocationJson.of(Entries.failedAt(NOW), List.of()).encode());
        assertEquals("01890a5d-ac96-774b-bcce-b302099a8057", json.getString("id"));
        assertEquals("failed", json.getString("status"));
        assertEquals(new JsonObject().put("code", "function_error").put("message", "it trapped"), json.getJsonObject("error"));
        assertEquals(3.5, json.getDouble("duration_ms"));
        assertEquals(1.25, json.getDouble("queue_ms"));
        assertEquals("2026-01-01T00:00:00.001Z", json.getString("started_at"));
        assertEquals("service_role", json.getString("run_as"));
        assertEquals("user-1", json.getString("user_id"));
        assertEquals(new JsonObject().put("topic", "functions.invoke").put("partition", 4).put("offset", 99), json.getJsonObject("request"));
        assertEquals(new JsonObject().put("level", "warn").put("offset_ms", 2).put("message", "careful"), json.getJsonArray("log").getJsonObject(0));
        assertEquals("\"\n\u0000", json.getJsonArray("log").getJsonObject(1).getString("message"));
        assertTrue(json.getBoolean("log_truncated"));
    }

    @Test
    void describesOneThatSucceeded() {
        var json = new JsonObject(InvocationJson.of(Entries.at(NOW), List.of()).encode());
        assertFalse(json.containsKey("error"));
        assertTrue(json.containsKey("started_at"));
        assertNull(json.getString("started_at"));
        assertNull(json.getString("user_id"));
        assertEquals(0, json.getJsonArray("log").size());
    }

    @Test
    void describesOneThatIsTriedAgain() {
        var cause = new InvocationId(new UUID(1, 2));
        var original = new InvocationId(new UUID(3, 4));
        var json = new JsonObject(InvocationJson.of(Entries.scheduled(NOW, new Lineage(cause, 2, original), NOW.plusSeconds(9)),
                List.of(new PastAttempt(1, "unavailable", "away", NOW, 1_500, "worker-1"))).encode());
        assertEquals("scheduled", json.getString("status"));
        assertEquals("2026-01-01T00:00:09Z", json.getString("retry_at"));
        assertEquals(cause.toString(), json.getString("cause"));
        assertEquals(2, json.getInteger("depth"));
        assertEquals(original.toString(), json.getString("replay_of"));
        assertEquals(new JsonArray().add(new JsonObject().put("attempt", 1).put("duration_ms", 1.5).put("finished_at", "2026-01-01T00:00:00Z")
                .put("worker", "worker-1").put("error", new JsonObject().put("code", "unavailable").put("message", "away"))), json.getJsonArray("past_attempts"));
    }

    @Test
    void describesOneThatNothingWasTriedOf() {
        var json = new JsonObject(InvocationJson.of(Entries.scheduled(NOW, Lineage.NONE, null), List.of()).encode());
        assertTrue(json.containsKey("finished_at"));
        assertNull(json.getString("finished_at"));
        assertFalse(json.containsKey("cause") || json.containsKey("depth") || json.containsKey("replay_of") || json.containsKey("retry_at")
                || json.containsKey("past_attempts"), json::encode);
    }
}
