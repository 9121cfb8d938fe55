package io.aerodb.functions.invocation;

import java.util.Optional;

/** What caused an invocation. */
public enum TriggerType {
    HTTP("http"),
    DATABASE("database"),
    SCHEDULE("schedule"),
    WEBHOOK("webhook");

    private final String label;

    TriggerType(String label) {
        this.label = label;
    }

    /** The type as it stands in record types, rows, metrics and JSON. */
    public String label() {
        return label;
    }

    public static Optional<TriggerType> fromLabel(String label) {
        for (var type : values()) {
            if (type.label.equals(label)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
