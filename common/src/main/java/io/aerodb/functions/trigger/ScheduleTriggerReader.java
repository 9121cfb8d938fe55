package io.aerodb.functions.trigger;

import io.aerodb.functions.trigger.ScheduleTrigger.Misfire;
import io.aerodb.functions.trigger.ScheduleTrigger.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads the members of a {@link ScheduleTrigger}. */
final class ScheduleTriggerReader {

    private static final Map<String, Misfire> MISFIRES = byLabel(Misfire.values(), Misfire::label);
    private static final Map<String, Overlap> OVERLAPS = byLabel(Overlap.values(), Overlap::label);

    private ScheduleTriggerReader() {}

    /** @throws io.aerodb.functions.function.InvalidFunctionException naming the member that is wrong, but for {@code cron} */
    static ScheduleTrigger read(TriggerMembers members) {
        return new ScheduleTrigger(
                members.text("cron").replaceAll("\\s+", " "),
                timezone(members),
                members.choice("misfire", MISFIRES, Misfire.LATEST),
                members.millis("misfire_tolerance_ms", ScheduleTrigger.MIN_MISFIRE_TOLERANCE, ScheduleTrigger.MAX_MISFIRE_TOLERANCE, ScheduleTrigger.DEFAULT_MISFIRE_TOLERANCE),
                members.choice("overlap", OVERLAPS, Overlap.ALLOW),
                members.time("start").orElse(null),
                members.time("end").orElse(null),
                members.millis("jitter_ms", Duration.ZERO, ScheduleTrigger.MAX_JITTER, Duration.ZERO));
    }

    /** @throws io.aerodb.functions.function.InvalidFunctionException if the cron expression is wrong, or it never fires */
    static void check(ScheduleTrigger trigger, TriggerMembers members) {
        FireTimes fires;
        try {
            fires = FireTimes.of(trigger);
        } catch (IllegalArgumentException e) {
            throw members.invalidMember("cron", e.getMessage());
        }
        if (fires.next(Instant.EPOCH).isEmpty()) {
            throw trigger.start() == null && trigger.end() == null
                    ? members.invalidMember("cron", "is '" + trigger.cron() + "', which never fires: there is no such day")
                    : members.invalidMember("cron", "is '" + trigger.cron() + "', which never fires between start and end");
        }
    }

    private static ZoneId timezone(TriggerMembers members) {
        return members.optionalText("timezone").map(id -> {
            if (!ZoneId.getAvailableZoneIds().contains(id)) {
                throw members.invalidMember("timezone", "is '" + TriggerMembers.shortened(id) + "', which is no IANA time zone: use a name such as Europe/Paris or UTC");
            }
            return ZoneId.of(id);
        }).orElse(ScheduleTrigger.DEFAULT_TIMEZONE);
    }

    private static <E> Map<String, E> byLabel(E[] values, Function<E, String> label) {
        return Arrays.stream(values).collect(Collectors.toUnmodifiableMap(label, Function.identity()));
    }
}
