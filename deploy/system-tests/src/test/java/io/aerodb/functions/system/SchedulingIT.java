package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A scheduler beside a gateway and a worker. */
class SchedulingIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void takesUpWhatBecomesDue() throws Exception {
        try (var platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared())) {
            var api = platform.startGateway(Map.of());
            platform.startWorker(Map.of());
            platform.startScheduler(Map.of());
            api.deployed("echo", Functions.ECHO, "{}");
            var id = Api.id(api.invoke("echo", "once"));
            var row = "FROM aerodb.function_invocations WHERE id = '" + id + "'";
            Awaitility.await().atMost(PATIENCE).until(() -> !platform.query("SELECT 1 " + row).isEmpty());

            platform.execute("""
                    INSERT INTO aerodb.due_invocations
                    SELECT id, 2, now() + interval '1 second', accepted_at, function_id, function, request_topic, request_partition, request_offset
                    """ + row);
            Awaitility.await().atMost(PATIENCE).until(() -> platform.query("SELECT 1 FROM aerodb.due_invocations").isEmpty());
            assertEquals(1, platform.query("SELECT 1 " + row).size(), "its request was there, so it has not ended anew");
            assertEquals("succeeded", platform.query("SELECT status " + row).getFirst().getFirst());
        }
    }
}
