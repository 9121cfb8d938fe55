package io.aerodb.functions.function;

import java.time.Duration;

/**
 * What one invocation may use.
 *
 * @param timeout wall clock from the start of the run, 100 ms to 15 min
 * @param memoryBytes the module's linear memory, 1 MiB to 1 GiB
 */
public record Limits(Duration timeout, long memoryBytes) {

    public static final Duration MIN_TIMEOUT = Duration.ofMillis(100);
    public static final Duration MAX_TIMEOUT = Duration.ofMinutes(15);
    public static final long MIB = 1024 * 1024;
    public static final long MIN_MEMORY_BYTES = MIB;
    public static final long MAX_MEMORY_BYTES = 1024 * MIB;

    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(10), 128 * MIB);

    /** @throws InvalidFunctionException with code {@code limit_out_of_range} */
    public Limits {
        if (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new InvalidFunctionException("limit_out_of_range",
                    "timeout_ms is " + timeout.toMillis() + ", allowed are 100 to 900000");
        }
        if (memoryBytes < MIN_MEMORY_BYTES || memoryBytes > MAX_MEMORY_BYTES) {
            throw new InvalidFunctionException("limit_out_of_range",
                    "memory_mb is " + memoryBytes / MIB + ", allowed are 1 to 1024");
        }
    }
}
