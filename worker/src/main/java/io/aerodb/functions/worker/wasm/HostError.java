package io.aerodb.functions.worker.wasm;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;

/** How a host call can fail without ending the run: a negative number, and a body that says more. */
enum HostError {
    NOT_FOUND(-1, "not_found"),
    INVALID(-2, "invalid");

    private final int number;
    private final String code;

    HostError(int number, String code) {
        this.number = number;
        this.code = code;
    }

    int number() {
        return number;
    }

    /** As JSON in UTF-8. */
    byte[] body(String message) {
        var quoted = new String(JsonStringEncoder.getInstance().quoteAsString(message));
        var json = "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + quoted + "\"}}";
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
