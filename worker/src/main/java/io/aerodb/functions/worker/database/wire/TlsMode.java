package io.aerodb.functions.worker.database.wire;

import java.util.Optional;

/** How the way to the server is protected; the names are those of libpq's {@code sslmode}. */
public enum TlsMode {
    DISABLE("disable"),
    /** Encrypted where the server can, but whoever answers is believed. */
    PREFER("prefer"),
    /** Encrypted, but whoever answers is believed. */
    REQUIRE("require"),
    /** Encrypted, and the server proves its name. */
    VERIFY_FULL("verify-full");

    private final String mode;

    TlsMode(String mode) {
        this.mode = mode;
    }

    static Optional<TlsMode> of(String text) {
        for (var value : values()) {
            if (value.mode.equals(text)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
