package io.aerodb.functions.system.packaging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.json.JsonObject;

/** YAML documents as JSON. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static JsonObject of(Yaml document) {
        return new JsonObject(text(document));
    }

    static String text(Yaml document) {
        try {
            return MAPPER.writeValueAsString(document.value());
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
