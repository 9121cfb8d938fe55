package io.aerodb.functions.secret;

/**
 * An encrypted value as it is kept.
 *
 * @param keyId names the key it was encrypted under
 * @param hex nonce, ciphertext and tag in lower-case hexadecimal
 */
public record SealedValue(String keyId, String hex) {

    /** Names the key only: the rest says nothing to people. */
    @Override
    public String toString() {
        return "SealedValue[" + keyId + "]";
    }
}
