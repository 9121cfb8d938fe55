package io.aerodb.functions.compiler;

import io.aerodb.functions.configuration.Settings;
import java.time.Duration;

/**
 * What compiling one module may take.
 *
 * @param timeout of wall clock
 * @param memoryBytes the heap of the child process
 */
public record CompilerSettings(Duration timeout, long memoryBytes) {

    private static final long MIB = 1 << 20;

    public static CompilerSettings read(Settings settings) {
        return new CompilerSettings(
                settings.duration("compiler.timeout", Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofMinutes(5),
                        "How long compiling one module may take"),
                settings.bytes("compiler.memory", 512 * MIB, 64 * MIB, 8192 * MIB,
                        "Heap of a process that compiles; up to two of them run"));
    }
}
