package io.aerodb.functions.function;

import io.aerodb.functions.secret.SecretsCipher;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * All that a function can read under a key, decrypted: for the memory of whoever runs it, and for nothing else.
 *
 * @param all variables and secrets; a secret hides a variable of the same key
 * @param sensitive the values that must not show in logs
 */
public record FunctionVariables(Map<String, String> all, Set<String> sensitive) {

    public FunctionVariables {
        all = Map.copyOf(all);
        sensitive = Set.copyOf(sensitive);
    }

    /**
     * @param config of the version that is run
     * @throws io.aerodb.functions.secret.UnreadableSecretException if one of them cannot be decrypted: a function never runs with a part
     */
    public static FunctionVariables open(SecretsCipher cipher, DeployedFunction function, FunctionConfig config) {
        var all = new HashMap<>(config.env());
        all.putAll(new ConfigSealing(cipher, function.id()).opened(config));
        var sensitive = new HashSet<>(config.sealedEnv().keySet());
        for (var secret : function.secrets()) {
            all.put(secret.key(), secret.open(cipher, function.id()));
            sensitive.add(secret.key());
        }
        var values = new HashSet<String>();
        all.forEach((key, value) -> {
            if (sensitive.contains(key) || SensitiveKeys.isSensitive(key)) {
                values.add(value);
            }
        });
        return new FunctionVariables(all, values);
    }

    /** Leaves all values out. */
    @Override
    public String toString() {
        return "FunctionVariables[" + all.size() + " variables]";
    }
}
