package io.aerodb.functions.launcher;

import java.util.List;

/** How a worker's JVM is started. */
final class WorkerJvm {

    static final List<String> OPTIONS = List.of(
            "-Xmx1g",
            "-XX:+UseG1GC",
            // compiled functions are often huge methods, and must not stay interpreted
            "-XX:-DontCompileHugeMethods",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private WorkerJvm() {}
}
