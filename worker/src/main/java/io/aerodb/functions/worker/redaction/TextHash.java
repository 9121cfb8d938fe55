package io.aerodb.functions.worker.redaction;

import java.security.SecureRandom;

/**
 * The hash of every piece of one text, each in constant time. Two pieces that differ have the same hash with a probability of about
 * their length in 2^61, whatever their author intends: the base is chosen at random when the process starts.
 */
final class TextHash {

    static final long EMPTY = 0;

    private static final long MODULUS = (1L << 61) - 1;
    private static final long BASE = (1L << 60) + (new SecureRandom().nextLong() >>> 5);

    private final long[] prefixes;

    TextHash(CharSequence text) {
        prefixes = new long[text.length() + 1];
        for (var i = 0; i < text.length(); i++) {
            prefixes[i + 1] = append(prefixes[i], text.charAt(i));
        }
    }

    static long of(CharSequence text) {
        var hash = EMPTY;
        for (var i = 0; i < text.length(); i++) {
            hash = append(hash, text.charAt(i));
        }
        return hash;
    }

    /** The hash of a text that is longer by one character. */
    static long append(long hash, char character) {
        return reduced(multiply(hash, BASE) + character + 1);
    }

    /** What {@link #piece} needs to know for pieces of that length. */
    static long power(int length) {
        var power = 1L;
        for (var i = 0; i < length; i++) {
            power = nextPower(power);
        }
        return power;
    }

    static long nextPower(long power) {
        return multiply(power, BASE);
    }

    /** @param power of the length */
    long piece(int from, int length, long power) {
        var difference = prefixes[from + length] - multiply(prefixes[from], power);
        return difference < 0 ? difference + MODULUS : difference;
    }

    private static long multiply(long a, long b) {
        var high = Math.multiplyHigh(a, b);
        var low = a * b;
        return reduced((low & MODULUS) + (low >>> 61 | high << 3));
    }

    private static long reduced(long value) {
        return value >= MODULUS ? value - MODULUS : value;
    }
}
