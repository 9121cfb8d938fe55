package io.aerodb.functions.worker.wasm;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;

/** How a host call can fail without ending the run: a negative number, and a body that says more. */
public enum HostError {
    NOT_FOUND(-1, "not_found"),
    /** The call itself makes no sense. */
    INVALID(-2, "invalid"),
    /** The function, or its caller, may not do this. */
    DENIED(-3, "denied"),
    /** PostgreSQL refused the statement or gave it up. */
    DATABASE(-4, "database"),
    /** The function's deadline came first. */
    DEADLINE(-5, "deadline"),
    /** More than a guest may send or be given. */
    TOO_LARGE(-6, "too_large"),
    /** What was asked is not there, or does not answer. */
    UNAVAILABLE(-7, "unavailable"),
    /** The function has used up how often it may do this. */
    QUOTA(-8, "quota");

    private final int number;
    private final String code;

    HostError(int number, String code) {
        this.number = number;
        this.code = code;
    }

    /** What the host call returns. */
    public int number() {
        return number;
    }

    /** What the body names it. */
    public String code() {
        return code;
    }

    /** {@code {"error":{"code","message"}}} in UTF-8. */
    public byte[] body(String message) {
        var quoted = new String(JsonStringEncoder.getInstance().quoteAsString(message));
        var json = "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + quoted + "\"}}";
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
