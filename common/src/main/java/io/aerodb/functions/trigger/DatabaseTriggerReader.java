package io.aerodb.functions.trigger;

import io.aerodb.functions.function.RunAs;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads the members of a {@link DatabaseTrigger}. What they say is held against the table itself when the function is deployed. */
final class DatabaseTriggerReader {

    private static final int MAX_COLUMNS = 100;
    private static final Map<String, RowOperation> OPERATIONS = DatabaseTrigger.ALL_OPERATIONS.stream()
            .collect(Collectors.toUnmodifiableMap(RowOperation::label, Function.identity()));
    private static final Map<String, RunAs> RUN_AS = Arrays.stream(RunAs.values())
            .collect(Collectors.toUnmodifiableMap(RunAs::label, Function.identity()));
    private static final Map<String, DatabaseTrigger.Ordering> ORDERINGS = Arrays.stream(DatabaseTrigger.Ordering.values())
            .collect(Collectors.toUnmodifiableMap(DatabaseTrigger.Ordering::label, Function.identity()));

    private DatabaseTriggerReader() {}

    /** @throws io.aerodb.functions.function.InvalidFunctionException naming the member that is wrong */
    static DatabaseTrigger read(TriggerMembers members) {
        var operations = operations(members);
        var columns = members.texts("columns", MAX_COLUMNS).orElse(List.of()).stream().distinct().toList();
        if (!columns.isEmpty() && !operations.contains(RowOperation.UPDATE)) {
            throw members.invalidMember("columns", "says which updates count, but operations has no update: remove one or add the other");
        }
        return new DatabaseTrigger(
                table(members),
                operations,
                columns,
                members.optionalText("when").orElse(null),
                members.choice("run_as", RUN_AS, RunAs.CALLER),
                members.choice("ordering", ORDERINGS, DatabaseTrigger.Ordering.KEY),
                members.object(DatabaseTrigger.BATCH).map(DatabaseTriggerReader::batch).orElse(Batching.NONE));
    }

    private static Batching batch(TriggerMembers members) {
        var size = members.integer(Batching.SIZE, 1, Batching.MAX_SIZE).orElseThrow(() -> members.invalidMember(Batching.SIZE, "is missing"));
        var window = members.millis(Batching.WINDOW, Batching.MIN_WINDOW, Batching.MAX_WINDOW, Batching.DEFAULT_WINDOW);
        var groups = members.integer(Batching.GROUPS, 1, Batching.MAX_GROUPS).orElse(1);
        if (size > 1) {
            return new Batching(size, window, groups);
        }
        for (var member : List.of(Batching.WINDOW, Batching.GROUPS)) {
            if (members.has(member)) {
                throw members.invalidMember(member, "says how changes are gathered, but with size 1 none are: leave it out, or give a larger size");
            }
        }
        return Batching.NONE;
    }

    /** @throws io.aerodb.functions.function.InvalidFunctionException if the condition is none, whatever the table's columns are */
    static void check(DatabaseTrigger trigger, TriggerMembers members) {
        if (trigger.when() != null) {
            try {
                RowCondition.untyped(trigger.when());
            } catch (IllegalArgumentException e) {
                throw members.invalidMember("when", e.getMessage());
            }
        }
    }

    private static TableName table(TriggerMembers members) {
        var text = members.text("table");
        return TableName.parse(text).orElseThrow(() -> members.invalidMember(
                "table", "is '" + TriggerMembers.shortened(text) + "': write it as schema.table, each as it was created, without quotes"));
    }

    private static Set<RowOperation> operations(TriggerMembers members) {
        var labels = members.texts("operations", OPERATIONS.size())
                .orElseThrow(() -> members.invalidMember("operations", "is missing: name some of " + known()));
        var operations = EnumSet.noneOf(RowOperation.class);
        for (var label : labels) {
            var operation = OPERATIONS.get(label);
            if (operation == null) {
                throw members.invalidMember("operations", "has '" + TriggerMembers.shortened(label) + "', known are " + known());
            }
            operations.add(operation);
        }
        if (operations.isEmpty()) {
            throw members.invalidMember("operations", "is empty: name some of " + known());
        }
        return Collections.unmodifiableSet(operations);
    }

    private static String known() {
        return String.join(", ", new TreeSet<>(OPERATIONS.keySet()));
    }
}
