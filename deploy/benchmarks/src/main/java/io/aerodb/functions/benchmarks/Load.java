package io.aerodb.functions.benchmarks;

import java.time.Duration;

/**
 * Calls of one kind, one slice of a measurement.
 *
 * @param target what is called
 * @param path of the gateway; empty for {@link Target#KAFKA}
 * @param atOnce calls under way at most
 * @param perSecond how many calls are to be started in a second, whether or not earlier ones have ended; 0 starts one whenever
 *     another has ended
 * @param calls after which no more are started
 * @param duration after which no more are started
 */
record Load(Target target, String path, int atOnce, double perSecond, int calls, Duration duration) {

    /** What a load calls. */
    enum Target {
        /** A request on one topic and its reply on another, without anything of ours. */
        KAFKA,
        /** A request that the gateway answers by itself. */
        GATEWAY,
        FUNCTION
    }

    static Load kafka(int atOnce, Duration duration) {
        return new Load(Target.KAFKA, "", atOnce, 0, Integer.MAX_VALUE, duration);
    }

    static Load gateway(int atOnce, Duration duration) {
        return new Load(Target.GATEWAY, "/health/live", atOnce, 0, Integer.MAX_VALUE, duration);
    }

    static Load function(String name, int atOnce, Duration duration) {
        return new Load(Target.FUNCTION, path(name), atOnce, 0, Integer.MAX_VALUE, duration);
    }

    /** Calls are due at their rate, and counted from when they are due. */
    static Load atRate(String name, int atOnce, double perSecond, Duration duration) {
        return new Load(Target.FUNCTION, path(name), atOnce, perSecond, Integer.MAX_VALUE, duration);
    }

    /** So many calls, however long they take. */
    static Load times(String name, int atOnce, int calls) {
        return new Load(Target.FUNCTION, path(name), atOnce, 0, calls, Duration.ofHours(1));
    }

    /** One line, for {@link #parse}. */
    String line() {
        return String.join(" ", target.name(), path.isEmpty() ? "-" : path, String.valueOf(atOnce), String.valueOf(perSecond),
                String.valueOf(calls), duration.toString());
    }

    static Load parse(String line) {
        var words = line.split(" ");
        return new Load(Target.valueOf(words[0]), words[1], Integer.parseInt(words[2]), Double.parseDouble(words[3]),
                Integer.parseInt(words[4]), Duration.parse(words[5]));
    }

    private static String path(String function) {
        return "/functions/v1/invoke/" + function;
    }
}
