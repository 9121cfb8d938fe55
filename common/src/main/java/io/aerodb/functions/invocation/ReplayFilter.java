package io.aerodb.functions.invocation;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which invocations a bulk replay runs again: when it is asked for they are counted, later they are taken.
 *
 * @param status null for all that have ended
 * @param since accepted at or after; null from the beginning
 * @param until accepted before
 */
public record ReplayFilter(String function, @Nullable String status, @Nullable Instant since, Instant until) {

    /** On rows {@code i} of {@code function_invocations}, with {@link #parameters} in its placeholders. */
    public String condition() {
        return "i.function = ? AND i.accepted_at < ? AND i.status NOT IN ('accepted', 'scheduled')"
                + (since == null ? "" : " AND i.accepted_at >= ?")
                + (status == null ? "" : " AND i.status = ?")
                + (status == null || status.equals(InvocationStatus.SUCCEEDED.label()) ? "" : " AND i.status <> 'succeeded'"); // the index says so
    }

    public List<Object> parameters() {
        var parameters = new ArrayList<Object>(List.of(function, utc(until)));
        if (since != null) {
            parameters.add(utc(since));
        }
        if (status != null) {
            parameters.add(status);
        }
        return parameters;
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
