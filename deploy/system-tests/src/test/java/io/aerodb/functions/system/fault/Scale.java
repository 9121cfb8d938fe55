package io.aerodb.functions.system.fault;

import java.time.Duration;

/**
 * How long a fault is looked at: a few seconds in every build, or as long as {@code deploy/system-tests/faults} takes.
 *
 * @param load how long calls keep coming
 * @param outage how long a server is away meanwhile
 * @param perSecond calls
 * @param burst calls in flight where a moment counts
 */
record Scale(Duration load, Duration outage, int perSecond, int burst) {

    static final String PROPERTY = "aerofn.faults";
    static final String LONG = "long";

    static Scale chosen() {
        return isLong()
                ? new Scale(Duration.ofSeconds(45), Duration.ofSeconds(15), 150, 100)
                : new Scale(Duration.ofSeconds(3), Duration.ofSeconds(1), 30, 30);
    }

    static boolean isLong() {
        return LONG.equals(System.getProperty(PROPERTY));
    }
}
