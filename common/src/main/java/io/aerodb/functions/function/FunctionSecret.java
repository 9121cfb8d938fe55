package io.aerodb.functions.function;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.secret.SealedValue;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A secret of a function.
 *
 * @param key under which the function reads it
 * @param updatedAt when it was set last
 */
public record FunctionSecret(String key, SealedValue value, Instant updatedAt) {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

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
