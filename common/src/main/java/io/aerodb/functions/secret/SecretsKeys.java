package io.aerodb.functions.secret;

import io.aerodb.functions.configuration.KeyList;
import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys under which secrets are encrypted at rest. The first one encrypts, all of them decrypt: a new key is first installed
 * everywhere, then put first, and the old one is taken away when nothing is encrypted under it any more.
 */
public final class SecretsKeys {

    /** No key: nothing can be encrypted or decrypted. */
    public static final SecretsKeys NONE = new SecretsKeys(Map.of());

    private static final String SETTING = "secrets.keys";
    /** The setting as an environment variable, for messages that tell what to set. */
    public static final String VARIABLE = Settings.variable(SETTING);
    private static final int KEY_BYTES = 32;

    private final Map<String, SecretKey> keys;

    private SecretsKeys(Map<String, SecretKey> keys) {
        this.keys = keys;
    }

    public static SecretsKeys read(Settings settings) {
        var text = settings.secret(SETTING, "Keys that encrypt the secrets of functions at rest, as id:base64 with 32 bytes, several separated "
                + "by commas; the first one encrypts. Empty: functions can have no secrets");
        try {
            return text.value().isEmpty() ? NONE : parse(text);
        } catch (IllegalArgumentException e) {
            settings.problem(SETTING, e.getMessage());
            return NONE;
        }
    }

    /**
     * @param text {@code id:base64}, several separated by commas
     * @throws IllegalArgumentException saying how it must be written
     */
    public static SecretsKeys parse(Secret text) {
        var keys = new LinkedHashMap<String, SecretKey>();
        KeyList.parse(text, KEY_BYTES, KEY_BYTES).forEach((id, bytes) -> keys.put(id, new SecretKeySpec(bytes, "AES")));
        return new SecretsKeys(keys);
    }

    /** The id of the key that encrypts; empty if there is no key. */
    public Optional<String> firstId() {
        return keys.keySet().stream().findFirst();
    }

    Optional<SecretKey> decrypting(SealedValue value) {
        return Optional.ofNullable(keys.get(value.keyId()));
    }

    SecretKey encrypting() {
        return keys.values().iterator().next();
    }

    /** Names the keys only. */
    @Override
    public String toString() {
        return "SecretsKeys" + keys.keySet();
    }
}
