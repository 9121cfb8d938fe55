package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Fires of schedules that nobody has run yet: there is a scheduler, and no worker. */
class PendingFireIT {

    @Test
    void knowsAFireFromWhenItIsPublishedAndCallsItOff() throws Exception {
        try (var parts = new ShutdownSequence()) {
            var platform = parts.add("platform", TestPlatform.on(TestKafka.shared(), TestPostgres.shared()));
            var api = platform.startGateway(Map.of());
            parts.add("recorder", platform.startRecorder());
            platform.startScheduler(Map.of());
            api.deployed("pending", Functions.ECHO, "{}");
            try (var stream = EventClient.open(api, "/functions/v1/pending/logs?trigger=schedule", null)) {
                api.deployed("pending", Functions.ECHO, "{\"triggers\": [{\"type\": \"schedule\", \"cron\": \"* * * * * *\"}]}");
                var event = stream.await(1).getFirst().data();
                api.deployed("pending", Functions.ECHO, "{}");
                assertEquals("accepted", event.path("status").asText(), event::toString);

                var location = "/functions/v1/invocations/" + event.path("id").asText();
                var shown = json(api.get(location));
                assertEquals("accepted", shown.path("status").asText(), shown::toString);
                assertEquals("schedule", shown.path("trigger").asText(), shown::toString);
                assertEquals(Topics.EVENTS, shown.path("request").path("topic").asText(), shown::toString);
                assertTrue(shown.path("started_at").isNull(), shown::toString);

                var cancelled = api.delete(location);
                assertEquals(200, cancelled.statusCode(), () -> text(cancelled));
                assertEquals("cancelled", json(api.get(location)).path("status").asText());
                assertEquals(List.of(List.of("cancelled")), platform.query(
                        "SELECT worker FROM aerodb.invocation_claims WHERE id = '" + event.path("id").asText() + "'"));
            }
        }
    }
}
