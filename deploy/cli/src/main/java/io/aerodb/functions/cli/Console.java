package io.aerodb.functions.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** How the commands that take time tell what they do. */
final class Console {

    private Console() {}

    static void step(PrintWriter out, String what, Duration took) {
        out.printf(Locale.ROOT, "  %-34s %8s%n", what, format(took));
        out.flush();
    }

    static String format(Duration duration) {
        var millis = duration.toNanos() / 1e6;
        return millis >= 1000
                ? String.format(Locale.ROOT, "%.2f s", millis / 1000)
                : String.format(Locale.ROOT, millis >= 10 ? "%.0f ms" : "%.2f ms", millis);
    }
}
