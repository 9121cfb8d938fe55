package io.aerodb.functions.testkit;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Names and passwords that need no quoting anywhere and that nothing else has. */
final class RandomName {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SUFFIX_BYTES = 5;
    private static final int PASSWORD_BYTES = 18;

    private RandomName() {}

    static String suffix() {
        return hex(SUFFIX_BYTES);
    }

    static String password() {
        return hex(PASSWORD_BYTES);
    }

    private static String hex(int count) {
        var bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
