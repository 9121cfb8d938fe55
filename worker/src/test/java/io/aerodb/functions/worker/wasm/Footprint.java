package io.aerodb.functions.worker.wasm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this JVM holds when it has collected its garbage.
 *
 * @param heapBytes in use
 * @param classBytes metaspace in use
 * @param residentBytes of the process, as Linux counts it; 0 elsewhere
 */
record Footprint(long heapBytes, long classBytes, long residentBytes) {

    /** For what the JIT compiler and the collector keep for themselves. */
    private static final long TOLERANCE_BYTES = 24 * Limits.MIB;

    static Footprint now() {
        System.gc();
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        var classes = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().equals("Metaspace"))
                .mapToLong(pool -> pool.getUsage().getUsed()).sum();
        return new Footprint(heap, classes, resident());
    }

    /** The resident memory is only looked at where the heap was made resident at the start; otherwise it grows as the JVM likes. */
    void assertNotAbove(Footprint earlier) {
        assertTrue(heapBytes <= earlier.heapBytes + TOLERANCE_BYTES, () -> "the heap grew from " + earlier + " to " + this);
        assertTrue(classBytes <= earlier.classBytes + TOLERANCE_BYTES / 4, () -> "classes grew from " + earlier + " to " + this);
        if (ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-XX:+AlwaysPreTouch")) {
            assertTrue(residentBytes <= earlier.residentBytes + 2 * TOLERANCE_BYTES, () -> "the process grew from " + earlier + " to " + this);
        }
    }

    private static long resident() {
        var status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return "heap %.1f MiB, classes %.1f MiB, resident %.1f MiB".formatted(
                (double) heapBytes / Limits.MIB, (double) classBytes / Limits.MIB, (double) residentBytes / Limits.MIB);
    }
}
