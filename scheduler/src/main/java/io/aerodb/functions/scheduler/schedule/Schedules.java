package io.aerodb.functions.scheduler.schedule;

import io.aerodb.functions.trigger.ScheduleTrigger;
import io.aerodb.functions.trigger.TriggerJson;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Schedules that have been due. What has an id never changes, so it is read once. For one thread. */
final class Schedules {

    private static final int KEPT = 20_000;

    /** @param firesAs may be another one when a trigger that was removed comes back */
    private record Key(UUID id, UUID firesAs) {}

    private final Map<Key, Schedule> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Schedule> eldest) {
            return size() > KEPT;
        }
    };

    /** Empty for one that only a newer service understands. */
    Optional<Schedule> of(DueSchedule due) {
        return Optional.ofNullable(known.computeIfAbsent(new Key(due.id(), due.firesAs()), _ -> read(due).orElse(null)));
    }

    private static Optional<Schedule> read(DueSchedule due) {
        try {
            return TriggerJson.read(due.definition())
                    .filter(ScheduleTrigger.class::isInstance)
                    .map(trigger -> new Schedule(due.firesAs(), (ScheduleTrigger) trigger));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
