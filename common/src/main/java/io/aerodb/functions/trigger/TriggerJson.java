package io.aerodb.functions.trigger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.invocation.TriggerType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Triggers as authors write them into a configuration, and as the registry keeps them. */
public final class TriggerJson {

    /** Of a configuration. */
    public static final String MEMBER = "triggers";
    static final int MAX_TRIGGERS = 20;

    static final String TYPE = "type";
    private static final TypeReference<Map<String, Object>> MEMBERS = new TypeReference<>() {};
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

    private TriggerJson() {}

    /**
     * Reads the triggers in what an author wrote.
     *
     * @param config the whole configuration
     * @throws InvalidFunctionException naming the member that is wrong
     */
    public static List<Trigger> parse(ObjectNode config) {
        var given = config.path(MEMBER);
        if (given.isMissingNode()) {
            return List.of();
        }
        if (!given.isArray() || given.size() > MAX_TRIGGERS) {
            throw TriggerMembers.invalid("config." + MEMBER, "must be an array of at most " + MAX_TRIGGERS + " objects");
        }
        var triggers = new ArrayList<Trigger>();
        for (var i = 0; i < given.size(); i++) {
            var trigger = parse("config." + MEMBER + "[" + i + "]", given.get(i));
            if (triggers.contains(trigger)) {
                throw TriggerMembers.invalid("config." + MEMBER + "[" + i + "]", "is the same as config." + MEMBER + "[" + triggers.indexOf(trigger) + "]: remove one of them");
            }
            triggers.add(trigger);
        }
        checkTogether(triggers);
        return List.copyOf(triggers);
    }

    private static void checkTogether(List<Trigger> triggers) {
        if (triggers.stream().filter(WebhookTrigger.class::isInstance).count() > WebhookTrigger.MAX_PER_FUNCTION) {
            throw TriggerMembers.invalid("config." + MEMBER, "has more than " + WebhookTrigger.MAX_PER_FUNCTION + " triggers of the type webhook");
        }
        for (var i = 1; i < triggers.size(); i++) {
            for (var j = 0; j < i; j++) {
                if (triggers.get(i) instanceof DatabaseTrigger one && triggers.get(j) instanceof DatabaseTrigger other && !one.goesWith(other)) {
                    throw TriggerMembers.invalid("config." + MEMBER + "[" + i + "]", "has another batch or ordering than config." + MEMBER + "[" + j
                            + "] on the same table, so the order of a row's changes could not be kept: give both the same");
                }
            }
        }
    }

    /** Reads the triggers in what the registry has; those that only newer services understand as {@link KeptTrigger}. */
    public static List<Trigger> read(ObjectNode stored) {
        return stored.path(MEMBER).valueStream().filter(ObjectNode.class::isInstance).map(ObjectNode.class::cast)
                .map(each -> readOne(each).orElseGet(() -> new KeptTrigger(MAPPER.convertValue(each, MEMBERS)))).toList();
    }

    /** Reads what {@link #write} wrote; empty if only newer services understand it. */
    public static Optional<Trigger> read(String definition) {
        try {
            return MAPPER.readTree(definition) instanceof ObjectNode object ? readOne(object) : Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a trigger's definition is not valid JSON", e);
        }
    }

    /** The definition in one form: triggers that are equal give the same text. */
    public static String write(Trigger trigger) {
        try {
            return MAPPER.writeValueAsString(shown(trigger));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("members are texts, numbers, lists and maps", e);
        }
    }

    public static List<Map<String, Object>> shown(List<Trigger> triggers) {
        return triggers.stream().map(TriggerJson::shown).toList();
    }

    public static Map<String, Object> shown(Trigger trigger) {
        if (trigger instanceof KeptTrigger kept) {
            return kept.definition();
        }
        var members = new LinkedHashMap<String, Object>();
        members.put(TYPE, trigger.type());
        members.putAll(trigger.members());
        return members;
    }

    private static Trigger parse(String path, JsonNode given) {
        if (!(given instanceof ObjectNode object)) {
            throw TriggerMembers.invalid(path, "must be an object with the member " + TYPE);
        }
        var members = new TriggerMembers(path, object);
        var type = members.text(TYPE);
        var trigger = trigger(type, members).orElseThrow(() -> members.invalidMember(TYPE, "is '" + TriggerMembers.shortened(type) + "', known are database, schedule, webhook"));
        members.refuseOthers();
        check(trigger, members);
        return trigger;
    }

    /** What costs too much to be done whenever the registry is read. */
    private static void check(Trigger trigger, TriggerMembers members) {
        switch (trigger) {
            case DatabaseTrigger database -> DatabaseTriggerReader.check(database, members);
            case ScheduleTrigger schedule -> ScheduleTriggerReader.check(schedule, members);
            case KeptTrigger _, WebhookTrigger _ -> { }
        }
    }

    /** Empty also if there is a member that nobody asks for: what it changes, only newer services know. */
    private static Optional<Trigger> readOne(ObjectNode stored) {
        var members = new TriggerMembers("trigger", stored);
        try {
            var trigger = trigger(members.text(TYPE), members);
            trigger.ifPresent(_ -> members.refuseOthers());
            return trigger;
        } catch (InvalidFunctionException e) {
            return Optional.empty();
        }
    }

    /** @return empty for a type that has no triggers, or none that are known here */
    private static Optional<Trigger> trigger(String label, TriggerMembers members) {
        return TriggerType.fromLabel(label).flatMap(type -> switch (type) {
            case DATABASE -> Optional.of(DatabaseTriggerReader.read(members));
            case SCHEDULE -> Optional.of(ScheduleTriggerReader.read(members));
            case WEBHOOK -> Optional.of(WebhookTriggerReader.read(members));
            case HTTP -> Optional.empty();
        });
    }
}
