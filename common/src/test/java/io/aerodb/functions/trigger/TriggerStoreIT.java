package io.aerodb.functions.trigger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import io.aerodb.functions.function.ConfigPatch;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.FunctionVersions;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsKeys;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TriggerStoreIT {

    private static final FunctionName HELLO = new FunctionName("hello");
    private static final byte[] MODULE = {1, 2, 3};

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
