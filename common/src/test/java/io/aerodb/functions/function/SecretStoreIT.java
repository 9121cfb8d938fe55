package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsKeys;
import io.aerodb.functions.secret.UnreadableSecretException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretStoreIT {

    private static final FunctionName HELLO = new FunctionName("hello");
    private static final byte[] MODULE = {1};
    private static final SecretsCipher OLD = cipher("old:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    private static final SecretsCipher NEW = cipher("new:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=");
    private static final SecretsCipher BOTH = cipher(
            "new:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=,old:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    private static final SecretsCipher NONE = new SecretsCipher(SecretsKeys.NONE);

    private Database database;
    private FunctionStore functions;
    private SecretStore secrets;

    @BeforeEach
    void start() throws InterruptedException {
        database = DatabaseKit.fresh();
        functions = new FunctionStore(database, OLD);
        secrets = new SecretStore(database, OLD);
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void keepsASecretUntilItIsReplacedOrRemoved() {
        deploy(Map.of());
        assertTrue(secrets.put(HELLO, "STRIPE", "first"));
        assertTrue(secrets.put(HELLO, "OTHER", "other"));
        assertTrue(secrets.put(HELLO, "STRIPE", "second"));
        assertEquals(List.of("OTHER", "STRIPE"), function().secrets().stream().map(FunctionSecret::key).toList());
        assertEquals(Map.of("OTHER", "other", "STRIPE", "second"), variables(OLD));
        assertTrue(secrets.delete(HELLO, "STRIPE"));
        assertFalse(secrets.delete(HELLO, "STRIPE"));
        assertEquals(Map.of("OTHER", "other"), variables(OLD));
    }

    @Test
    void knowsNoSecretsOfFunctionsThatAreNotThere() {
        assertFalse(secrets.put(HELLO, "STRIPE", "value"));
        assertFalse(secrets.delete(HELLO, "STRIPE"));
        deploy(Map.of());
        secrets.put(HELLO, "STRIPE", "value");
        functions.delete(HELLO);
        deploy(Map.of());
        assertEquals(List.of(), function().secrets());
    }

    @Test
    void givesASecretPrecedenceOverAVariableAndKeepsItFromVersionToVersion() {
        deploy(Map.of("STRIPE", "variable", "MODE", "fast"));
        secrets.put(HELLO, "STRIPE", "secret");
        deploy(Map.of("STRIPE", "another variable"));
        assertEquals(Map.of("STRIPE", "secret"), variables(OLD));
        secrets.delete(HELLO, "STRIPE");
        assertEquals(Map.of("STRIPE", "another variable"), variables(OLD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1A", "A-B", "A B", "Ä", "../x"})
    void refusesAKeyThatNoFunctionCouldHave(String key) {
        assertRefused(key, "value");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../x", "A\0B"})
    void findsNothingToRemoveUnderAKeyThatNoFunctionCouldHave(String key) {
        deploy(Map.of());
        assertFalse(secrets.delete(HELLO, key));
    }

    @Test
    void refusesValuesAndNumbersBeyondTheLimits() {
        deploy(Map.of());
        assertRefused("KEY", "");
        assertRefused("KEY", "a\0b");
        assertRefused("KEY", "ü".repeat(4097));
        assertTrue(secrets.put(HELLO, "KEY", "ü".repeat(4096)));
        for (var i = 1; i < 100; i++) {
            secrets.put(HELLO, "KEY" + i, "value");
        }
        assertRefused("KEY100", "value");
        assertTrue(secrets.put(HELLO, "KEY99", "replaced"));
    }

    @Test
    void refusesSecretsAndSensitiveVariablesWithoutAKey() {
        deploy(Map.of());
        var refusal = assertThrows(InvalidFunctionException.class, () -> new SecretStore(database, NONE).put(HELLO, "STRIPE", "value"));
        assertEquals("secrets_not_configured", refusal.code());
        var config = new FunctionConfig(true, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, Map.of("API_KEY", "value"));
        var refused = assertThrows(InvalidFunctionException.class,
                () -> new FunctionStore(database).deploy(HELLO, MODULE, ModuleHash.of(MODULE), null, config));
        assertEquals("secrets_not_configured", refused.code());
        assertTrue(refused.getMessage().contains("'API_KEY'") && refused.getMessage().contains("AEROFN_SECRETS_KEYS"), refused.getMessage());
        assertEquals(1, function().version());
    }

    @Test
    void keepsSensitiveVariablesEncryptedAndVersionsAsTheyWere() {
        assertEquals(1, deploy(Map.of("API_KEY", "plain-one", "MODE", "fast")));
        assertEquals(1, deploy(Map.of("API_KEY", "plain-one", "MODE", "fast")), "the same again changes nothing");
        var first = function();
        assertEquals(2, deploy(Map.of("API_KEY", "plain-two", "MODE", "fast")));
        assertEquals(Map.of("API_KEY", "plain-two", "MODE", "fast"), variables(OLD));
        var config = functions.config(first.ref()).orElseThrow();
        assertEquals(Map.of("API_KEY", "plain-one", "MODE", "fast"), FunctionVariables.open(OLD, function(), config).all());
        assertEquals(Set.of("plain-one"), FunctionVariables.open(OLD, function(), config).sensitive());
        assertFalse(configs().contains("plain-"), configs());
    }

    @Test
    void tellsTheRegistriesOfEveryChange() {
        deploy(Map.of());
        try (var registry = new FunctionRegistry(database, functions)) {
            registry.start();
            Awaitility.await().until(registry::isConnected);
            secrets.put(HELLO, "STRIPE", "value");
            Awaitility.await().until(() -> registry.cached(HELLO).orElseThrow().secrets().size() == 1);
            secrets.delete(HELLO, "STRIPE");
            Awaitility.await().until(() -> registry.cached(HELLO).orElseThrow().secrets().isEmpty());
        }
    }

    @Test
    void bringsEverythingUnderTheFirstKey() {
        deploy(Map.of("API_KEY", "one"));
        deploy(Map.of("API_KEY", "two"));
        secrets.put(HELLO, "STRIPE", "secret");
        var before = function();
        assertThrows(UnreadableSecretException.class, () -> variables(NEW));
        new SecretRotation(database, BOTH).run();
        assertEquals(Map.of("API_KEY", "two", "STRIPE", "secret"), variables(NEW));
        assertTrue(function().revision() > before.revision());
        assertEquals(before.secrets().getFirst().updatedAt(), function().secrets().getFirst().updatedAt());
        var firstVersion = new VersionRef(before.id(), HELLO, 1, before.module());
        assertEquals("one", FunctionVariables.open(NEW, function(), functions.config(firstVersion).orElseThrow()).all().get("API_KEY"));
        var rotated = function();
        new SecretRotation(database, BOTH).run();
        assertEquals(rotated, function(), "nothing is left to do");
    }

    @Test
    void leavesWhatNoKeyDecrypts() {
        deploy(Map.of("API_KEY", "one"));
        secrets.put(HELLO, "STRIPE", "secret");
        new SecretRotation(database, NEW).run();
        new SecretRotation(database, NONE).run();
        assertEquals(Map.of("API_KEY", "one", "STRIPE", "secret"), variables(OLD));
    }

    @Test
    void encryptsWhatAnOlderReleaseStoredAsItWas() {
        deploy(Map.of("MODE", "fast"));
        run("UPDATE aerodb.functions SET config = jsonb_set(config, '{env,api_key}', '\"plain-old\"')");
        run("UPDATE aerodb.function_versions SET config = jsonb_set(config, '{env,api_key}', '\"plain-old\"')");
        new SecretRotation(database, OLD).run();
        assertFalse(configs().contains("plain-old"), configs());
        assertEquals(Map.of("MODE", "fast", "api_key", "plain-old"), variables(OLD));
    }

    @Test
    void refusesAValueThatWasMovedBetweenRows() {
        deploy(Map.of());
        secrets.put(HELLO, "MINE", "one");
        secrets.put(HELLO, "THEIRS", "two");
        run("UPDATE aerodb.function_secrets a SET sealed = b.sealed FROM aerodb.function_secrets b WHERE a.key = 'MINE' AND b.key = 'THEIRS'");
        assertThrows(UnreadableSecretException.class, () -> variables(OLD));
    }

    @Test
    void refusesAValueThatWasCopiedToAnotherFunction() {
        deploy(Map.of());
        secrets.put(HELLO, "MINE", "one");
        var other = new FunctionName("other");
        functions.deploy(other, MODULE, ModuleHash.of(MODULE), null, null);
        run("INSERT INTO aerodb.function_secrets (function_id, key, key_id, sealed) SELECT f.id, s.key, s.key_id, s.sealed"
                + " FROM aerodb.function_secrets s, aerodb.functions f WHERE f.name = 'other'");
        var thief = functions.find(other).orElseThrow();
        assertThrows(UnreadableSecretException.class, () -> FunctionVariables.open(OLD, thief, thief.config()));
    }

    private int deploy(Map<String, String> env) {
        return functions.deploy(HELLO, MODULE, ModuleHash.of(MODULE), null, new FunctionConfig(true, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, env)).function().version();
    }

    private DeployedFunction function() {
        return functions.find(HELLO).orElseThrow();
    }

    private Map<String, String> variables(SecretsCipher cipher) {
        return FunctionVariables.open(cipher, function(), function().config()).all();
    }

    private void assertRefused(String key, String value) {
        var refusal = assertThrows(InvalidFunctionException.class, () -> secrets.put(HELLO, key, value));
        assertEquals("invalid_request", refusal.code());
    }

    private String configs() {
        return database.run(connection -> {
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("SELECT concat((SELECT string_agg(f::text, '') FROM aerodb.functions f),"
                            + " (SELECT string_agg(v::text, '') FROM aerodb.function_versions v))")) {
                rows.next();
                return rows.getString(1);
            }
        });
    }

    private void run(String sql) {
        database.run(connection -> {
            try (var statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }

    private static SecretsCipher cipher(String keys) {
        return new SecretsCipher(SecretsKeys.parse(new Secret(keys)));
    }
}
