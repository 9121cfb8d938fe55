package io.aerodb.functions.trigger;

import java.util.Locale;

/** What was done to a row. */
public enum RowOperation {
    INSERT,
    UPDATE,
    DELETE,
    /** Nothing: the row was there already, and is told of by a backfill. */
    READ;

    /** As it stands in a trigger's definition. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
