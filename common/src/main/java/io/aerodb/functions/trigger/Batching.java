package io.aerodb.functions.trigger;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many changes one invocation of a function is told of.
 *
 * @param size at most so many, 1 to {@link #MAX_SIZE}; with 1 each change is told by itself
 * @param window how long a change waits for others to come along; zero with a size of 1
 * @param groups into which rows are spread by their keys, 1 to {@link #MAX_GROUPS}: where order is kept, the batches of one group run one
 *     after another, those of different groups side by side
 */
public record Batching(int size, Duration window, int groups) {

    /** Every change by itself. */
    public static final Batching NONE = new Batching(1, Duration.ZERO, 1);

    static final int MAX_SIZE = 100;
    static final int MAX_GROUPS = 64;
    static final Duration MIN_WINDOW = Duration.ofMillis(10);
    static final Duration MAX_WINDOW = Duration.ofMinutes(1);
    static final Duration DEFAULT_WINDOW = Duration.ofMillis(200);

    static final String SIZE = "size";
    static final String WINDOW = "window_ms";
    static final String GROUPS = "groups";

    /** Whether changes are told together, in a list. */
    public boolean gathers() {
        return size > 1;
    }

    /** As an author would write it. */
    Map<String, Object> members() {
        var members = new LinkedHashMap<String, Object>();
        members.put(SIZE, size);
        members.put(WINDOW, window.toMillis());
        members.put(GROUPS, groups);
        return members;
    }
}
