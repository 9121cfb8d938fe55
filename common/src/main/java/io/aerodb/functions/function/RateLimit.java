package io.aerodb.functions.function;

/**
 * How often a function may be called, over all gateways: a token bucket.
 *
 * @param perSecond tokens that come back each second; 1 to 1 000 000
 * @param burst tokens that the bucket holds; 1 to 1 000 000
 */
public record RateLimit(int perSecond, int burst) {

    public static final int MAX = 1_000_000;

    /** @throws InvalidFunctionException with code {@code limit_out_of_range} */
    public RateLimit {
        if (perSecond < 1 || perSecond > MAX) {
            throw InvalidFunctionException.outOfRange("rate_limit.per_second", perSecond, 1, MAX);
        }
        if (burst < 1 || burst > MAX) {
            throw InvalidFunctionException.outOfRange("rate_limit.burst", burst, 1, MAX);
        }
    }
}
