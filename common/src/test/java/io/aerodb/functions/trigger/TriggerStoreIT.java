package io.aerodb.functions.trigger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import io.aerodb.functions.function.ConfigPatch;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.FunctionVersions;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsKeys;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TriggerStoreIT {

    private static final FunctionName HELLO = new FunctionName("hello");
    private static final byte[] MODULE = {1, 2, 3};
    private static final String NEWER = "{\"cron\": \"0 3 * * *\", \"type\": \"schedule\", \"colour\": \"red\"}";

    private Database database;
    private FunctionStore functions;

    @BeforeEach
    void start() throws InterruptedException {
        database = DatabaseKit.fresh();
        functions = new FunctionStore(database);
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void keepsTheRowsOfTriggersThatAreNotChanged() {
        var function = deploy(config("0 2 * * *", "0 3 * * *"));
        var before = rows();
        assertEquals(Set.of(id(function, "0 2 * * *"), id(function, "0 3 * * *")), before.keySet());
        deploy(config("0 3 * * *", "0 4 * * *"));
        var after = rows();
        assertEquals(Set.of(id(function, "0 3 * * *"), id(function, "0 4 * * *")), after.keySet());
        assertEquals(before.get(id(function, "0 3 * * *")), after.get(id(function, "0 3 * * *")));
    }

    @Test
    void followsTheConfigurationThatADeploymentLeavesAsItIs() {
        deploy(config("0 2 * * *"));
        deploy(null);
        assertEquals(1, rows().size());
        deploy(FunctionConfig.DEFAULT);
        assertEquals(Map.of(), rows());
    }

    @Test
    void followsChangesWithoutADeployment() {
        var function = deploy(config("0 2 * * *"));
        deploy(config("0 3 * * *"));
        var versions = new FunctionVersions(database, new SecretsCipher(SecretsKeys.NONE));
        versions.activate(HELLO, 1, _ -> true);
        assertEquals(Set.of(id(function, "0 2 * * *")), rows().keySet());
        versions.reconfigure(HELLO, ConfigPatch.parse("{\"triggers\": null}"), _ -> true);
        assertEquals(Map.of(), rows());
    }

    /** As a newer gateway has left it. */
    private void deployedByANewerGateway() {
        var function = deploy(config("0 2 * * *"));
        execute("""
                UPDATE aerodb.functions SET config = jsonb_set(config, '{triggers}', config -> 'triggers' || '%1$s');
                UPDATE aerodb.function_versions SET config = jsonb_set(config, '{triggers}', config -> 'triggers' || '%1$s');
                INSERT INTO aerodb.function_triggers (id, function_id, type, definition)
                SELECT '%2$s', id, 'schedule', '%1$s' FROM aerodb.functions;
                INSERT INTO aerodb.schedules (trigger_id, settled_until) VALUES ('%2$s', '2026-01-01T00:00:00Z')"""
                .formatted(NEWER, new KeptTrigger(new TreeMap<>(Map.of("type", "schedule", "cron", "0 3 * * *", "colour", "red"))).id(function)));
    }

    @Test
    void keepsWhatItDoesNotUnderstandThroughEveryChange() {
        deployedByANewerGateway();
        var before = text("SELECT (t.xmin, t.*, s.xmin, s.*) FROM aerodb.function_triggers t JOIN aerodb.schedules s ON s.trigger_id = t.id WHERE t.definition -> 'colour' IS NOT NULL");
        var versions = new FunctionVersions(database, new SecretsCipher(SecretsKeys.NONE));
        versions.reconfigure(HELLO, ConfigPatch.parse("{\"enabled\": false}"), _ -> true);
        versions.reconfigure(HELLO, ConfigPatch.parse("{\"timeout_ms\": 777}"), _ -> true);
        var otherModule = new byte[] {7};
        functions.deploy(HELLO, otherModule, ModuleHash.of(otherModule), null, null);
        versions.activate(HELLO, 1, _ -> true);
        assertEquals(2, rows().size());
        assertEquals(before, text("SELECT (t.xmin, t.*, s.xmin, s.*) FROM aerodb.function_triggers t JOIN aerodb.schedules s ON s.trigger_id = t.id WHERE t.definition -> 'colour' IS NOT NULL"));
        assertEquals("4", text("SELECT count(*) FROM (SELECT config FROM aerodb.function_versions UNION ALL SELECT config FROM aerodb.functions) c "
                + "WHERE config -> 'triggers' @> '[" + NEWER + "]'"), "three versions and what is active");
    }

    @Test
    void makesARowForWhatItDoesNotUnderstandSoThatOthersRunIt() {
        deployedByANewerGateway();
        var versions = new FunctionVersions(database, new SecretsCipher(SecretsKeys.NONE));
        versions.reconfigure(HELLO, ConfigPatch.parse("{\"triggers\": null}"), _ -> true);
        assertEquals(Map.of(), rows());
        versions.activate(HELLO, 1, _ -> true);
        assertEquals("1", text("SELECT count(*) FROM aerodb.function_triggers t JOIN aerodb.schedules s ON s.trigger_id = t.id WHERE t.definition = '" + NEWER + "'"));
    }

    @Test
    void handsTheStateOverWhereTheTimesStayTheSame() {
        deploy(schedules("\"cron\": \"0 2 * * *\""));
        execute("UPDATE aerodb.schedules SET settled_until = '2026-01-01T00:00:00Z', due_at = '2026-01-01T02:00:00Z', last_over_by = '2026-01-02T00:00:00Z'");
        var state = text("SELECT (settled_until, fires_as, last_over_by) FROM aerodb.schedules");
        deploy(schedules("\"cron\": \"0 2 * * *\", \"misfire\": \"all\", \"overlap\": \"skip\", \"jitter_ms\": 7, \"misfire_tolerance_ms\": 5000"));
        assertEquals(state, text("SELECT (settled_until, fires_as, last_over_by) FROM aerodb.schedules"));
        assertEquals("t", text("SELECT due_at > now() - interval '1 hour' FROM aerodb.schedules"), "it is looked at at once");
        assertEquals(1, rows().size());
        for (var otherTimes : List.of("\"cron\": \"0 3 * * *\"", "\"cron\": \"0 2 * * *\", \"timezone\": \"Europe/Paris\"",
                "\"cron\": \"0 2 * * *\", \"start\": \"2026-01-01T00:00:00Z\"", "\"cron\": \"0 2 * * *\", \"end\": \"2066-01-01T00:00:00Z\"")) {
            execute("UPDATE aerodb.schedules SET settled_until = '2026-01-01T00:00:00Z'");
            deploy(schedules(otherTimes));
            assertEquals("t", text("SELECT settled_until > now() - interval '1 hour' FROM aerodb.schedules"), otherTimes);
        }
    }

    @Test
    void handsEachStateOverOnce() {
        deploy(schedules("\"cron\": \"@daily\"", "\"cron\": \"@daily\", \"jitter_ms\": 1", "\"cron\": \"@hourly\""));
        execute("UPDATE aerodb.schedules SET settled_until = '2026-01-01T00:00:00Z'");
        var names = text("SELECT array_agg(fires_as ORDER BY fires_as) FROM aerodb.schedules s JOIN aerodb.function_triggers t ON t.id = s.trigger_id WHERE t.definition ->> 'cron' = '@daily'");
        deploy(schedules("\"cron\": \"@daily\", \"jitter_ms\": 2", "\"cron\": \"@daily\", \"jitter_ms\": 3", "\"cron\": \"@daily\", \"jitter_ms\": 4"));
        assertEquals(names, text("SELECT array_agg(fires_as ORDER BY fires_as) FROM aerodb.schedules WHERE settled_until = '2026-01-01T00:00:00Z'"));
        assertEquals("3", text("SELECT count(DISTINCT fires_as) FROM aerodb.schedules"));
    }

    @Test
    void doesNotWaitLongForASchedulerThatHasAScheduleInItsHands() {
        deploy(config("0 2 * * *"));
        var before = rows();
        database.inTransaction(held -> {
            try (var statement = held.createStatement()) {
                statement.execute("SELECT FROM aerodb.schedules FOR UPDATE");
            }
            assertEquals("schedules", assertThrows(UnavailableException.class, () -> deploy(config("0 3 * * *"))).dependency());
            assertEquals("schedules", assertThrows(UnavailableException.class, () -> functions.delete(HELLO)).dependency());
            return held;
        });
        assertEquals(before, rows());
        deploy(config("0 3 * * *"));
    }

    @Test
    void goesWithTheFunction() {
        deploy(config("0 2 * * *"));
        functions.delete(HELLO);
        assertEquals(Map.of(), rows());
    }

    @Test
    void survivesTheRegistry() {
        var config = config("0 2 * * *", "@hourly");
        deploy(config);
        assertEquals(config.triggers(), functions.find(HELLO).orElseThrow().config().triggers());
    }

    private UUID deploy(@Nullable FunctionConfig config) {
        return functions.deploy(HELLO, MODULE, ModuleHash.of(MODULE), null, config).function().id();
    }

    private static FunctionConfig config(String... crons) {
        var triggers = new StringBuilder();
        for (var cron : crons) {
            triggers.append(triggers.isEmpty() ? "" : ",").append("{\"type\": \"schedule\", \"cron\": \"").append(cron).append("\"}");
        }
        return FunctionConfigJson.parse("{\"triggers\": [" + triggers + "]}");
    }

    /** @param schedules members of each but its type, as JSON */
    private static FunctionConfig schedules(String... schedules) {
        return FunctionConfigJson.parse(Arrays.stream(schedules).map(members -> "{\"type\": \"schedule\", " + members + "}")
                .collect(Collectors.joining(",", "{\"triggers\": [", "]}")));
    }

    private void execute(String sql) {
        database.run(connection -> {
            try (var statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    private String text(String query) {
        return database.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery(query)) {
                rows.next();
                return rows.getString(1);
            }
        });
    }

    private static UUID id(UUID function, String cron) {
        return config(cron).triggers().getFirst().id(function);
    }

    /** Which transaction each was written by. */
    private Map<UUID, String> rows() {
        return database.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery("SELECT id, xmin FROM aerodb.function_triggers")) {
                var found = new HashMap<UUID, String>();
                while (rows.next()) {
                    found.put(rows.getObject(1, UUID.class), rows.getString(2));
                }
                return found;
            }
        });
    }
}
