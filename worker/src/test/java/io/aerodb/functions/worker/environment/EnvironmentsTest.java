package io.aerodb.functions.worker.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.function.AllowedHosts;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionSecret;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.RunAs;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsCipher.Place;
import io.aerodb.functions.secret.SecretsCipher.Place.Kind;
import io.aerodb.functions.secret.SecretsKeys;
import io.aerodb.functions.worker.redaction.Redactor;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EnvironmentsTest {

    private static final UUID ID = new UUID(1, 2);
    private final SecretsCipher cipher = new SecretsCipher(SecretsKeys.parse(new Secret("k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")));
    private final Environments environments = new Environments(cipher);

    @Test
    void costsAFunctionWithoutVariablesNothing() {
        var environment = environments.of(function(FunctionConfig.DEFAULT), FunctionConfig.DEFAULT);
        assertEquals(Map.of(), environment.variables());
        assertSame(Redactor.NONE, environment.redactor());
    }

    @Test
    void hidesNothingOfOrdinaryVariables() {
        var config = config(Map.of("MODE", "fast-and-furious"));
        assertSame(Redactor.NONE, environments.of(function(config), config).redactor());
    }

    @Test
    void hidesSecretsAndVariablesThatAreSensitiveByTheirName() {
        var config = config(Map.of("MODE", "visible-mode", "API_KEY", "hidden-key"));
        var environment = environments.of(function(config, secret("STRIPE", "hidden-stripe")), config);
        assertEquals(Map.of("MODE", "visible-mode", "API_KEY", "hidden-key", "STRIPE", "hidden-stripe"), environment.variables());
        assertEquals("visible-mode ***REDACTED*** ***REDACTED***", environment.redactor().redact("visible-mode hidden-key hidden-stripe"));
        assertFalse(environment.toString().contains("hidden"));
    }

    @Test
    void decryptsOnceForEveryChange() {
        var config = config(Map.of());
        var before = function(config, secret("STRIPE", "before"));
        assertSame(environments.of(before, config), environments.of(before, config));
        var after = function(config, secret("STRIPE", "after"));
        assertEquals("after", environments.of(after, config).variables().get("STRIPE"));
    }

    @Test
    void givesAnotherVersionItsOwnVariables() {
        var active = config(Map.of("MODE", "new"));
        var function = function(active, secret("STRIPE", "value"));
        var known = environments.of(function, active);
        var older = environments.of(function, config(Map.of("MODE", "old")));
        assertNotSame(known, older);
        assertEquals(Map.of("MODE", "old", "STRIPE", "value"), older.variables());
        assertSame(known, environments.of(function, active));
    }

    @Test
    void givesNoPartWhereAKeyIsMissing() {
        var config = config(Map.of("MODE", "fast"));
        var function = function(config, secret("STRIPE", "value"));
        var refusal = assertThrows(UnavailableException.class, () -> new Environments(new SecretsCipher(SecretsKeys.NONE)).of(function, config));
        assertTrue(refusal.getMessage().contains("'k1'"), refusal.getMessage());
    }

    private FunctionSecret secret(String key, String value) {
        return new FunctionSecret(key, cipher.seal(new Place(Kind.SECRET, ID, key), value), Instant.EPOCH);
    }

    private static FunctionConfig config(Map<String, String> env) {
        return new FunctionConfig(true, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, env);
    }

    private static DeployedFunction function(FunctionConfig config, FunctionSecret... secrets) {
        return new DeployedFunction(ID, new FunctionName("hello"), 1, ModuleHash.of(new byte[] {1}), 1, config, 1, Instant.EPOCH, Instant.EPOCH,
                List.of(secrets));
    }
}
