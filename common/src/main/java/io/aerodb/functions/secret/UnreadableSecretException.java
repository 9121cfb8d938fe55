package io.aerodb.functions.secret;

/** An encrypted value that cannot be decrypted here; the message says why and what to do, and holds no name of a secret. */
public final class UnreadableSecretException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private UnreadableSecretException(String message) {
        super(message);
    }

    static UnreadableSecretException missingKey(String keyId) {
        return new UnreadableSecretException("a secret of the function is encrypted under the key '" + keyId
                + "', which is not configured here; add it to " + SecretsKeys.VARIABLE);
    }

    static UnreadableSecretException damaged(String keyId) {
        return new UnreadableSecretException("a secret of the function cannot be decrypted with the key '" + keyId
                + "': either another key has this id, or the stored value was changed; set the secret again");
    }
}
