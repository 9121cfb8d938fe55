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
                settings.integer("worker.slots", 2048, 1, MAX_SLOTS, "Functions whose callers wait that run at once"),
                settings.integer("worker.event-slots", 512, 1, MAX_SLOTS, "Functions nobody waits for that run at once"),
                settings.integer("worker.function-share", 50, 1, 99, "How much of each kind of slots one function may have, in percent"),
                settings.text("worker.invoke-group", "functions-invoke", "Consumer group whose workers share functions.invoke"),
                settings.text("worker.events-group", "functions-events", "Consumer group whose workers share functions.events"));
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
