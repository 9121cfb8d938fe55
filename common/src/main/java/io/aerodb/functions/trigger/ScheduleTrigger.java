package io.aerodb.functions.trigger;

import io.aerodb.functions.invocation.TriggerType;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a function whenever a wall clock shows certain times.
 *
 * @param cron the times, as {@link CronExpression} reads them
 * @param timezone of the wall clock
 * @param misfire which fires are made up for that were missed
 * @param misfireTolerance how late a fire may be and is not yet missed; 1 second to 1 day
 * @param overlap what a fire does while the one before it has not ended
 * @param start no fire before this; null for none
 * @param end no fire at or after this; null for none
 * @param jitter up to how much later than its time each fire is due; 0 to 1 hour
 */
public record ScheduleTrigger(
        String cron,
        ZoneId timezone,
        Misfire misfire,
        Duration misfireTolerance,
        Overlap overlap,
        @Nullable Instant start,
        @Nullable Instant end,
        Duration jitter) implements Trigger {

    public static final ZoneId DEFAULT_TIMEZONE = ZoneId.of("UTC");
    public static final Duration DEFAULT_MISFIRE_TOLERANCE = Duration.ofMinutes(1);
    static final Duration MIN_MISFIRE_TOLERANCE = Duration.ofSeconds(1);
    static final Duration MAX_MISFIRE_TOLERANCE = Duration.ofDays(1);
    static final Duration MAX_JITTER = Duration.ofHours(1);

    /** Which of the fires are made up for that were missed because no scheduler ran, or because a dependency was away. */
    public enum Misfire {
        NONE("none"),
        /** The newest of them, unless one is due that is not yet missed. */
        LATEST("latest"),
        /** All, but at most the newest {@link #MAX_MADE_UP_FOR}. */
        ALL("all");

        public static final int MAX_MADE_UP_FOR = 100;

        private final String label;

        Misfire(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /** What a fire does while the one before it has not ended, its retries included. */
    public enum Overlap {
        /** It runs at the same time. */
        ALLOW("allow"),
        /** It does not take place. */
        SKIP("skip"),
        /** It waits for its turn. */
        QUEUE("queue");

        private final String label;

        Overlap(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    @Override
    public String type() {
        return TriggerType.SCHEDULE.label();
    }

    @Override
    public Map<String, Object> members() {
        var members = new LinkedHashMap<String, Object>();
        members.put("cron", cron);
        members.put("timezone", timezone.getId());
        members.put("misfire", misfire.label());
        members.put("misfire_tolerance_ms", misfireTolerance.toMillis());
        members.put("overlap", overlap.label());
        if (start != null) {
            members.put("start", start.toString());
        }
        if (end != null) {
            members.put("end", end.toString());
        }
        if (jitter.isPositive()) {
            members.put("jitter_ms", jitter.toMillis());
        }
        return members;
    }
}
