package io.aerodb.functions.worker.environment;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionVariables;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.UnreadableSecretException;
import io.aerodb.functions.worker.redaction.Redactor;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decrypts what functions can read, once for every change of a function. Decrypted values stand in this memory only. Thread-safe.
 */
public final class Environments {

    /** Functions with variables whose environments are kept; beyond that all are made anew. */
    private static final int MAX_KEPT = 10_000;

    private final SecretsCipher cipher;
    private final Map<UUID, Kept> kept = new ConcurrentHashMap<>();

    private record Kept(DeployedFunction function, Environment environment) {}

    public Environments(SecretsCipher cipher) {
        this.cipher = cipher;
    }

    /**
     * @param function as it is known now: its secrets are those of this moment, whichever version runs
     * @param config of the version that is run
     * @throws UnavailableException if a secret cannot be decrypted here; names the key that is missing
     */
    public Environment of(DeployedFunction function, FunctionConfig config) {
        if (config.env().isEmpty() && config.sealedEnv().isEmpty() && function.secrets().isEmpty()) {
            return Environment.EMPTY;
        }
        var known = kept.get(function.id());
        if (known != null && known.function() == function && config == function.config()) {
            return known.environment();
        }
        var opened = open(function, config);
        if (config == function.config()) {
            keep(function, opened);
        }
        return opened;
    }

    private void keep(DeployedFunction function, Environment environment) {
        if (kept.size() >= MAX_KEPT) {
            kept.clear();
        }
        kept.put(function.id(), new Kept(function, environment));
    }

    private Environment open(DeployedFunction function, FunctionConfig config) {
        try {
            var variables = FunctionVariables.open(cipher, function, config);
            return new Environment(variables.all(), Redactor.of(variables.sensitive()));
        } catch (UnreadableSecretException e) {
            throw new UnavailableException("secrets", e.getMessage());
        }
    }
}
