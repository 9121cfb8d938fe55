package io.aerodb.functions.function;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.secret.SealedValue;
import io.aerodb.functions.secret.SecretsCipher;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A secret of a function.
 *
 * @param key under which the function reads it
 * @param updatedAt when it was set last
 */
public record FunctionSecret(String key, SealedValue value, Instant updatedAt) {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /**
     * The value, decrypted.
     *
     * @param functionId of its function
     * @throws io.aerodb.functions.secret.UnreadableSecretException if its key is not configured, or it belongs to another function
     */
    public String open(SecretsCipher cipher, UUID functionId) {
        return cipher.open(SecretStore.place(functionId, key), value);
    }

    /** Whether a secret may have this key. */
    public static boolean isKey(String text) {
        return FunctionConfigJson.ENV_KEY.matcher(text).matches();
    }

    /** @param json an array as the registry's query makes it; null for none */
    static List<FunctionSecret> list(@Nullable String json) {
        if (json == null) {
            return List.of();
        }
        try {
            var secrets = new ArrayList<FunctionSecret>();
            for (var secret : MAPPER.readTree(json)) {
                secrets.add(new FunctionSecret(
                        secret.path("key").asText(),
                        new SealedValue(secret.path("key_id").asText(), secret.path("sealed").asText()),
                        OffsetDateTime.parse(secret.path("updated_at").asText()).toInstant()));
            }
            return secrets;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("PostgreSQL wrote JSON that cannot be read", e);
        }
    }
}
