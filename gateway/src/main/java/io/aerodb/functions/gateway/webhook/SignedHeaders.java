package io.aerodb.functions.gateway.webhook;

import io.vertx.core.MultiMap;
import java.util.Optional;

/** The headers of a request that somebody has signed, perhaps. */
public record SignedHeaders(MultiMap all) {

    /** Empty also where it stands twice: it is not for us to choose one. */
    Optional<String> header(String name) {
        var values = all.getAll(name);
        return values.size() == 1 && !values.getFirst().isBlank() ? Optional.of(values.getFirst().strip()) : Optional.empty();
    }

    /** They belong to the sender. */
    @Override
    public String toString() {
        return "SignedHeaders[" + all.size() + "]";
    }
}
