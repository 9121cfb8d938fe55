package io.aerodb.functions.gateway.follow;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How far somebody has read the outcome log: in each partition, the offset that comes next. It follows the order in which things were
 * told, not that in which invocations were accepted, so what ends late is behind the cursor like everything new. Not thread-safe.
 */
final class LogCursor {

    private static final Pattern FORMAT = Pattern.compile("\\d{1,18}(\\.\\d{1,18}){0,999}");

    private final long[] next;

    /** @param next an offset for each partition */
    LogCursor(long... next) {
        this.next = next.clone();
    }

    /**
     * From what {@link #toString} gave. Partitions that the log has got since then are read from their beginning.
     *
     * @return empty if it is no cursor of a log with at most so many partitions
     */
    static Optional<LogCursor> parse(String text, int partitions) {
        if (!FORMAT.matcher(text).matches()) {
            return Optional.empty();
        }
        var offsets = Arrays.stream(text.split("\\.")).mapToLong(Long::parseLong).toArray();
        return offsets.length > partitions ? Optional.empty() : Optional.of(new LogCursor(Arrays.copyOf(offsets, partitions)));
    }

    LogCursor copy() {
        return new LogCursor(next);
    }

    int partitions() {
        return next.length;
    }

    long next(int partition) {
        return next[partition];
    }

    void moveTo(int partition, long offset) {
        next[partition] = offset;
    }

    /** Goes behind a record. @return false if it was behind it before */
    boolean pass(int partition, long offset) {
        if (offset < next[partition]) {
            return false;
        }
        next[partition] = offset + 1;
        return true;
    }

    /** Whether it is nowhere before the other one. */
    boolean reaches(LogCursor other) {
        for (var partition = 0; partition < next.length; partition++) {
            if (next[partition] < other.next[partition]) {
                return false;
            }
        }
        return true;
    }

    /** Without characters that a header or an event would not take. */
    @Override
    public String toString() {
        return Arrays.stream(next).mapToObj(String::valueOf).collect(Collectors.joining("."));
    }
}
