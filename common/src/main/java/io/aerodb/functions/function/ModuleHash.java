package io.aerodb.functions.function;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The SHA-256 of a module's bytes: what a version is pinned to, and what is checked whenever the bytes are loaded.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record ModuleHash(String hex) {

    public ModuleHash {
        if (hex.length() != 64 || !hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException("not a SHA-256 in lower-case hexadecimal: " + hex);
        }
    }

    public static ModuleHash of(byte[] module) {
        return new ModuleHash(HexFormat.of().formatHex(sha256().digest(module)));
    }

    public boolean matches(byte[] module) {
        return equals(of(module));
    }

    @Override
    public String toString() {
        return hex;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
