package io.aerodb.functions.worker.redaction;

import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.LogLine.Level;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/** Prints what redacting a whole log of 64 KiB takes, at the median. Run it by hand; no test depends on the numbers. */
final class RedactorTimings {

    private static final int LOG = 64 * 1024;

    private RedactorTimings() {}

    public static void main(String[] arguments) {
        var key = "sk_live_51Habcdefghijklmnopqrstuvwxyz0123";
        var ten = IntStream.range(0, 10).mapToObj(i -> key + i).toList();
        time("cold: ordinary text, 10 secrets", ten, "the quick brown fox jumps over the lazy dog ".repeat(LOG / 44));
        time("ordinary text, 10 secrets", ten, "the quick brown fox jumps over the lazy dog ".repeat(LOG / 44));
        time("a short log, 10 secrets", ten, "order 4711 was paid by card and is being shipped to the customer");
        time("nearly the secret, 10 secrets", ten, (key.substring(0, 40) + "?").repeat(LOG / 41));
        time("the secret over and over", ten, (key + "1").repeat(LOG / 42));
        time("periodic, 8 KiB", List.of("a".repeat(8191) + "b"), "a".repeat(LOG));
        time("periodic and found, 8 KiB", List.of("a".repeat(8192)), "a".repeat(LOG));
        time("100 secrets that begin alike", IntStream.range(1, 101).mapToObj(i -> "a".repeat(20 + i * 40) + "b").toList(), "a".repeat(LOG));
        time("100 secrets of 8 KiB", IntStream.range(0, 100).mapToObj(i -> i + "x".repeat(8180)).toList(), "x".repeat(LOG));
    }

    private static void time(String what, Collection<String> secrets, String text) {
        var started = System.nanoTime();
        var redactor = Redactor.of(secrets);
        var made = System.nanoTime() - started;
        var line = List.of(new LogLine(Level.INFO, 0, text));
        System.out.printf("%-32s whole %8.3f ms, cut %8.3f ms; made in %8.3f ms%n", what, median(() -> redactor.redact(line, false)),
                median(() -> redactor.redact(line, true)), made / 1e6);
    }

    private static double median(Runnable work) {
        var nanos = new long[60];
        for (var i = 0; i < nanos.length; i++) {
            var started = System.nanoTime();
            work.run();
            nanos[i] = System.nanoTime() - started;
        }
        Arrays.sort(nanos);
        return nanos[nanos.length / 2] / 1e6;
    }
}
