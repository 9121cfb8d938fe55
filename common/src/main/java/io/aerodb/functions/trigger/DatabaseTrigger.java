package io.aerodb.functions.trigger;

import io.aerodb.functions.function.RunAs;
import io.aerodb.functions.invocation.TriggerType;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a function for the committed changes of a table's rows.
 *
 * @param operations which changes; at least one, never {@link RowOperation#READ}
 * @param columns an update only counts if it changed one of them; empty for any update
 * @param when a condition over the old and the new row, as {@link RowCondition} reads it; null for none
 * @param runAs on whose behalf it runs: that of the transaction that changed the row, or with all rights
 * @param batch how many changes one invocation is told of
 */
public record DatabaseTrigger(
        TableName table,
        Set<RowOperation> operations,
        List<String> columns,
        @Nullable String when,
        RunAs runAs,
        Ordering ordering,
        Batching batch) implements Trigger {

    public static final Set<RowOperation> ALL_OPERATIONS =
            Collections.unmodifiableSet(EnumSet.of(RowOperation.INSERT, RowOperation.UPDATE, RowOperation.DELETE));

    static final String BATCH = "batch";

    /** In which order changes are handled. */
    public enum Ordering {
        /** Changes of one row one after another, as they were committed; of different rows side by side. */
        KEY("key"),
        /** All side by side. */
        NONE("none");

        private final String label;

        Ordering(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    public DatabaseTrigger {
        operations = Collections.unmodifiableSet(EnumSet.copyOf(operations));
        columns = List.copyOf(columns);
    }

    /** Whether the table must tell the whole row as it was before. */
    public boolean needsOldRow() {
        return operations.contains(RowOperation.UPDATE) || operations.contains(RowOperation.DELETE);
    }

    /** Whether what changes one row can be kept in order beside the other trigger of the same function. */
    boolean goesWith(DatabaseTrigger other) {
        return !table.equals(other.table) || !batch.gathers() && !other.batch.gathers()
                || batch.equals(other.batch) && ordering == other.ordering;
    }

    @Override
    public String type() {
        return TriggerType.DATABASE.label();
    }

    @Override
    public Map<String, Object> members() {
        var members = new LinkedHashMap<String, Object>();
        members.put("table", table.toString());
        members.put("operations", operations.stream().map(RowOperation::label).toList());
        if (!columns.isEmpty()) {
            members.put("columns", columns);
        }
        if (when != null) {
            members.put("when", when);
        }
        members.put("run_as", runAs.label());
        members.put("ordering", ordering.label());
        if (batch.gathers()) {
            members.put(BATCH, batch.members());
        }
        return members;
    }
}
