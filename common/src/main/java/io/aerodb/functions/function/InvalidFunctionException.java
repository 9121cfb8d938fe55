package io.aerodb.functions.function;

import io.aerodb.functions.secret.SecretsKeys;

/** A deployment, or a part of it, that breaks a rule; the message tells the author which. */
public final class InvalidFunctionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String code;

    /**
     * @param code a stable code of the HTTP API, such as {@code invalid_name}
     * @param message names the field and the rule, fit to be shown to the author
     */
    public InvalidFunctionException(String code, String message) {
        super(message);
        this.code = code;
    }

    static InvalidFunctionException outOfRange(String member, long value, long min, long max) {
        return new InvalidFunctionException("limit_out_of_range", member + " is " + value + ", allowed are " + min + " to " + max);
    }

    /** @param key the variable or secret that cannot be kept, as there is no key to encrypt it under */
    static InvalidFunctionException secretsNotConfigured(String key) {
        return new InvalidFunctionException("secrets_not_configured", "'" + key + "' is a secret, and secrets are only kept encrypted: set "
                + SecretsKeys.VARIABLE + " on gateways and workers");
    }

    public String code() {
        return code;
    }
}
