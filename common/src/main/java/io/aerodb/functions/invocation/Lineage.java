package io.aerodb.functions.invocation;

import org.jspecify.annotations.Nullable;

/**
 * What an invocation goes back to.
 *
 * @param cause the invocation whose writes caused this one, or null
 * @param depth how many invocations stand between this one and what came from outside; 0 for what came from outside
 * @param replayOf the invocation whose request this one runs again, or null
 */
public record Lineage(@Nullable InvocationId cause, int depth, @Nullable InvocationId replayOf) {

    public static final Lineage NONE = new Lineage(null, 0, null);

    public static Lineage replayOf(InvocationId original) {
        return new Lineage(null, 0, original);
    }
}
