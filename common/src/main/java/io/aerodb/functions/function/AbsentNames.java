package io.aerodb.functions.function;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Names of which the database has just said that there is no function of them. That is believed of those only which are asked for again
 * and again, and for a second: whoever calls a function right after its deployment, having tried before, is not told what was true
 * then. Thread-safe.
 */
final class AbsentNames {

    static final int ASKED_OFTEN = 10;
    static final int MOST_NAMES = 10_000;
    private static final long BELIEVED_NANOS = Duration.ofSeconds(1).toNanos();

    private final Map<FunctionName, Absence> names = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    private record Absence(long since, int times) {}

    /** @param nanoTime {@link System#nanoTime} */
    AbsentNames(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Whether the database has said so often enough within the last second. */
    boolean contains(FunctionName name) {
        var absence = names.get(name);
        return absence != null && absence.times() >= ASKED_OFTEN && !isOver(absence);
    }

    /** The database has said so. */
    void add(FunctionName name) {
        if (names.size() >= MOST_NAMES) {
            names.values().removeIf(this::isOver);
        }
        if (names.size() < MOST_NAMES) {
            names.compute(name, (_, before) -> before == null || isOver(before)
                    ? new Absence(nanoTime.getAsLong(), 1) : new Absence(before.since(), before.times() + 1));
        }
    }

    void remove(FunctionName name) {
        names.remove(name);
    }

    void clear() {
        names.clear();
    }

    int size() {
        return names.size();
    }

    private boolean isOver(Absence absence) {
        return nanoTime.getAsLong() - absence.since() >= BELIEVED_NANOS;
    }
}
