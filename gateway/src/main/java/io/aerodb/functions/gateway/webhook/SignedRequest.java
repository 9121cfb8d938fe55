package io.aerodb.functions.gateway.webhook;

import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request that somebody has signed, perhaps.
 *
 * @param headers values by their names in lower case
 * @param body byte for byte as it came
 */
public record SignedRequest(Map<String, List<String>> headers, byte[] body) {

    /** A copy that other threads may read. */
    public static SignedRequest of(MultiMap headers, byte[] body) {
        var copy = new HashMap<String, List<String>>();
        headers.forEach(header -> copy.computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), _ -> new ArrayList<>()).add(header.getValue()));
        return new SignedRequest(copy, body);
    }

    /** Empty also where it stands twice: it is not for us to choose one. */
    Optional<String> header(String name) {
        var values = headers.getOrDefault(name, List.of());
        return values.size() == 1 && !values.getFirst().isBlank() ? Optional.of(values.getFirst().strip()) : Optional.empty();
    }

    /** Headers and body belong to the sender. */
    @Override
    public String toString() {
        return "SignedRequest[" + headers.size() + " headers, " + body.length + " bytes]";
    }
}
