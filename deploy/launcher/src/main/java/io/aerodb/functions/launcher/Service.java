package io.aerodb.functions.launcher;

import java.util.List;
import java.util.Locale;

/** A service as a JVM of its own. */
enum Service {
    GATEWAY(io.aerodb.functions.gateway.Main.class, "-Xmx512m"),
    SCHEDULER(io.aerodb.functions.scheduler.Main.class, "-Xmx512m"),
    BRIDGE(io.aerodb.functions.triggerbridge.Main.class, "-Xmx512m"),
    /** Compiled functions are often huge methods, and must not stay interpreted. */
    WORKER(io.aerodb.functions.worker.Main.class, "-Xmx1g", "-XX:+UseG1GC", "-XX:-DontCompileHugeMethods");

    private static final List<String> NATIVE_CODE = List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

    private final Class<?> main;
    private final List<String> options;

    Service(Class<?> main, String... options) {
        this.main = main;
        this.options = List.of(options);
    }

    /** As in the names of its settings, and before the lines about what is wrong with them. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    Class<?> main() {
        return main;
    }

    /** Of its JVM. */
    List<String> options() {
        return options;
    }

    /** What the libraries of all services need of a JVM. */
    static List<String> commonOptions() {
        return NATIVE_CODE;
    }
}
