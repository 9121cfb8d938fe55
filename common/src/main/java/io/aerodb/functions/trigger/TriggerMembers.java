package io.aerodb.functions.trigger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.function.InvalidFunctionException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The members of one trigger's JSON. Every refusal names the member with its path. */
final class TriggerMembers {

    /** From here on a next fire may be a time that PostgreSQL cannot read as Java writes it. */
    private static final Instant TOO_LATE = Instant.parse("9000-01-01T00:00:00Z");

    private final String path;
    private final ObjectNode object;
    private final Set<String> known = new HashSet<>();
    private final List<TriggerMembers> objects = new ArrayList<>();

    /** @param path of the object in the configuration, such as {@code config.triggers[0]} */
    TriggerMembers(String path, ObjectNode object) {
        this.path = path;
        this.object = object;
    }

    String text(String member) {
        return optionalText(member).orElseThrow(() -> invalidMember(member, "is missing"));
    }

    Optional<String> optionalText(String member) {
        return member(member).map(value -> {
            if (!value.isTextual() || value.textValue().isBlank()) {
                throw invalidMember(member, "must be text");
            }
            return value.textValue().strip();
        });
    }

    Optional<List<String>> texts(String member, int max) {
        return member(member).map(value -> {
            if (!value.isArray() || value.size() > max || !value.valueStream().allMatch(each -> each.isTextual() && !each.textValue().isBlank())) {
                throw invalidMember(member, "must be an array of at most " + max + " texts");
            }
            return value.valueStream().map(JsonNode::textValue).toList();
        });
    }

    /** The members of an object within this one. */
    Optional<TriggerMembers> object(String member) {
        return member(member).map(value -> {
            if (!(value instanceof ObjectNode inner)) {
                throw invalidMember(member, "must be an object");
            }
            var members = new TriggerMembers(path + "." + member, inner);
            objects.add(members);
            return members;
        });
    }

    Optional<Integer> integer(String member, int min, int max) {
        return member(member).map(value -> {
            if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < min || value.intValue() > max) {
                throw invalidMember(member, "must be an integer from " + min + " to " + max);
            }
            return value.intValue();
        });
    }

    boolean has(String member) {
        return member(member).isPresent();
    }

    /** @param choices by their labels */
    <E> E choice(String member, Map<String, E> choices, E otherwise) {
        return optionalText(member).map(label -> {
            var chosen = choices.get(label);
            if (chosen == null) {
                throw invalidMember(member, "is '" + shortened(label) + "', known are " + String.join(", ", new TreeSet<>(choices.keySet())));
            }
            return chosen;
        }).orElse(otherwise);
    }

    /** A duration in milliseconds. */
    Duration millis(String member, Duration min, Duration max, Duration otherwise) {
        return member(member).map(value -> {
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < min.toMillis() || value.longValue() > max.toMillis()) {
                throw invalidMember(member, "must be an integer from " + min.toMillis() + " to " + max.toMillis());
            }
            return Duration.ofMillis(value.longValue());
        }).orElse(otherwise);
    }

    Optional<Instant> time(String member) {
        return optionalText(member).map(text -> {
            try {
                var time = OffsetDateTime.parse(text).toInstant();
                if (time.isBefore(Instant.EPOCH) || !time.isBefore(TOO_LATE)) {
                    throw invalidMember(member, "must be in the years 1970 to 8999");
                }
                return time;
            } catch (DateTimeParseException e) {
                throw invalidMember(member, "must be a time with its offset, such as 2026-01-31T08:00:00Z");
            }
        });
    }

    /** @throws InvalidFunctionException naming the first member that nobody has asked for */
    void refuseOthers() {
        object.fieldNames().forEachRemaining(member -> {
            if (!known.contains(member)) {
                throw invalid(path, "has an unknown member '" + shortened(member) + "'");
            }
        });
        objects.forEach(TriggerMembers::refuseOthers);
    }

    InvalidFunctionException invalidMember(String member, String what) {
        return invalid(path + "." + member, what);
    }

    static InvalidFunctionException invalid(String path, String what) {
        return new InvalidFunctionException("invalid_trigger", path + " " + what);
    }

    static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private Optional<JsonNode> member(String member) {
        known.add(member);
        return Optional.ofNullable(object.get(member)).filter(value -> !value.isNull());
    }
}
