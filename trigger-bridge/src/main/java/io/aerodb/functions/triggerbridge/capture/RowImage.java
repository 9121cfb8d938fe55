package io.aerodb.functions.triggerbridge.capture;

import com.fasterxml.jackson.databind.util.RawValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A row as it was at one time.
 *
 * @param values as JSON has them, by the columns' names: {@link Long}, {@link java.math.BigDecimal}, {@link Boolean}, {@link String},
 *     {@link RawValue} for a document, {@link java.util.List}, or null
 * @param unavailable columns that were not changed and whose values the log leaves out because they are large; they are not among the values
 */
public record RowImage(Map<String, @Nullable Object> values, Set<String> unavailable) {

    public RowImage {
        values = Collections.unmodifiableMap(values);
        unavailable = Set.copyOf(unavailable);
    }

    /** With what the log leaves out because it was not changed, as far as the row before has it. */
    RowImage completedBy(@Nullable RowImage before) {
        if (unavailable.isEmpty() || before == null) {
            return this;
        }
        var all = new LinkedHashMap<>(values);
        unavailable.stream().filter(before.values::containsKey).forEach(column -> all.put(column, before.values.get(column)));
        return new RowImage(all, unavailable.stream().filter(column -> !all.containsKey(column)).collect(Collectors.toSet()));
    }

    /** Whether a column has another value than in the row before; one that the log leaves out has not. */
    public boolean differsIn(String column, RowImage before) {
        return !unavailable.contains(column) && !Objects.equals(text(values.get(column)), text(before.values.get(column)));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof RawValue raw ? String.valueOf(raw.rawValue()) : value == null ? null : value.toString();
    }
}
