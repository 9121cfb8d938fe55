package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Changes of functions while the application's database, with the tables of their triggers, is away. */
class SourceOutageIT {

    private static final String TRIGGER = "{\"type\": \"database\", \"table\": \"public.orders\", \"operations\": [\"insert\"]}";

    @Test
    void failsNoChangeThatIsKept() throws Exception {
        try (var server = TestPostgres.own(); var platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared())) {
            var source = server.newDatabase();
            try (var connection = source.connect(); var statement = connection.createStatement()) {
                statement.execute("CREATE TABLE orders (id int PRIMARY KEY)");
            }
            var api = platform.startGateway(Map.of("AEROFN_SOURCE_URL", source.jdbcUrl(), "AEROFN_SOURCE_USER", source.user(),
                    "AEROFN_SOURCE_PASSWORD", source.password()));
            api.deployed("on-order", Functions.ECHO, "{\"triggers\": [" + TRIGGER + "]}");
            server.stop();

            var patched = patch(api, "{\"timeout_ms\": 3000}");
            assertEquals(200, patched.statusCode(), () -> text(patched));
            assertEquals(2, json(patched).path("version").asInt());
            assertEquals(json(patched), json(patch(api, "{\"timeout_ms\": 3000}")), "a repeat changes nothing");
            assertEquals(200, patch(api, "{\"triggers\": []}").statusCode());
            assertProblem(503, "unavailable", patch(api, "{\"triggers\": [" + TRIGGER + "]}"));
            assertEquals(3, json(api.get("/functions/v1/on-order")).path("version").asInt(), "what is refused is not kept");
            assertEquals(204, api.delete("/functions/v1/on-order").statusCode());
            assertProblem(404, "function_not_found", api.get("/functions/v1/on-order"));
        }
    }

    private static HttpResponse<byte[]> patch(Api api, String patch) {
        return api.send(api.as(Role.SERVICE, "/functions/v1/on-order").header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(patch)));
    }
}
