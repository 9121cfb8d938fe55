package io.aerodb.functions.cli;

import java.security.SecureRandom;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;

/** Secrets that a command makes for an operator. */
final class RandomSecret {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 32;
    private static final int SUFFIX_BYTES = 4;

    private RandomSecret() {}

    /** Without a character that would need escaping. */
    static String password() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(BYTES));
    }

    /** In the form of a worker's setting, {@code id:base64}. The id has the day in it, for whoever wonders how old it is. */
    static String claimKey() {
        var day = LocalDate.now(ZoneOffset.UTC).toString().replace("-", "");
        return "k" + day + "-" + HexFormat.of().formatHex(bytes(SUFFIX_BYTES)) + ":" + Base64.getEncoder().encodeToString(bytes(BYTES));
    }

    private static byte[] bytes(int count) {
        var bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
