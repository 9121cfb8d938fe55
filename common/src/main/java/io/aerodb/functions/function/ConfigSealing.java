package io.aerodb.functions.function;

import io.aerodb.functions.secret.SealedValue;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsCipher.Place;
import io.aerodb.functions.secret.UnreadableSecretException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Encrypts the sensitive variables of one function's configurations. */
final class ConfigSealing {

    private final SecretsCipher cipher;
    private final UUID functionId;

    ConfigSealing(SecretsCipher cipher, UUID functionId) {
        this.cipher = cipher;
        this.functionId = functionId;
    }

    /**
     * Variables that have the same value as before keep what they were encrypted to, so that a configuration that did not change is
     * equal to what it was.
     *
     * @throws InvalidFunctionException if there is something to encrypt and no key
     */
    FunctionConfig seal(FunctionConfig wanted, FunctionConfig before) {
        var open = new HashMap<String, String>();
        var sealed = new HashMap<>(wanted.sealedEnv());
        wanted.env().forEach((key, value) -> {
            if (SensitiveKeys.isSensitive(key)) {
                sealed.put(key, isStill(value, key, before.sealedEnv().get(key)) ? before.sealedEnv().get(key) : sealed(key, value));
            } else {
                open.put(key, value);
            }
        });
        return wanted.withEnv(open, sealed);
    }

    /** The same configuration with all that can be read encrypted under the current key; empty if it is so already. */
    Optional<FunctionConfig> resealed(FunctionConfig stored) {
        var sealed = new HashMap<String, SealedValue>();
        stored.sealedEnv().forEach((key, value) -> sealed.put(key, cipher.renewed(place(key), value)));
        var resealed = seal(stored.withEnv(stored.env(), sealed), FunctionConfig.DEFAULT);
        return resealed.equals(stored) ? Optional.empty() : Optional.of(resealed);
    }

    /** @throws UnreadableSecretException if one of them cannot be decrypted */
    Map<String, String> opened(FunctionConfig config) {
        var opened = new HashMap<String, String>();
        config.sealedEnv().forEach((key, value) -> opened.put(key, cipher.open(place(key), value)));
        return opened;
    }

    private boolean isStill(String value, String key, @Nullable SealedValue before) {
        try {
            return before != null && cipher.open(place(key), before).equals(value);
        } catch (UnreadableSecretException e) {
            return false;
        }
    }

    private SealedValue sealed(String key, String value) {
        if (!cipher.canSeal()) {
            throw InvalidFunctionException.secretsNotConfigured(key);
        }
        return cipher.seal(place(key), value);
    }

    private Place place(String key) {
        return new Place(Place.Kind.VARIABLE, functionId, key);
    }
}
