package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.configuration.Settings;

/**
 * How much a worker runs at once, and with whom it shares the lanes.
 *
 * @param slots functions that run at once on the interactive lane
 * @param eventSlots functions that run at once on the events lane
 * @param functionShare how much of a lane's slots one function may have, in percent
 * @param invokeGroup the consumer group that shares the interactive lane
 * @param eventsGroup the consumer group that shares the events lane
 */
public record LaneSettings(int slots, int eventSlots, int functionShare, String invokeGroup, String eventsGroup) {

    private static final int MAX_SLOTS = 10_000;

    public static LaneSettings read(Settings settings) {
        return new LaneSettings(
                settings.integer("worker.slots", 2048, 1, MAX_SLOTS, "Functions with a waiting caller that run at once"),
                settings.integer("worker.event-slots", 512, 1, MAX_SLOTS, "Functions nobody waits for that run at once"),
                settings.integer("worker.function-share", 50, 1, 99, "How much of a lane's slots one function may have, in percent"),
                group(settings, "worker.invoke-group", "functions-invoke", "Consumer group of the workers that share functions.invoke"),
                group(settings, "worker.events-group", "functions-events", "Consumer group of the workers that share functions.events"));
    }

    private static String group(Settings settings, String key, String fallback, String meaning) {
        var group = settings.text(key, fallback, meaning);
        if (group.isBlank()) {
            settings.problem(key, "is empty: a consumer group needs a name, such as " + fallback);
        }
        return group;
    }

    int slots(LaneKind kind) {
        return switch (kind) {
            case INTERACTIVE -> slots;
            case EVENTS -> eventSlots;
        };
    }

    /** At least one slot, and never all of several. */
    int perFunction(LaneKind kind) {
        return Math.max(1, slots(kind) * functionShare / 100);
    }

    String group(LaneKind kind) {
        return switch (kind) {
            case INTERACTIVE -> invokeGroup;
            case EVENTS -> eventsGroup;
        };
    }
}
