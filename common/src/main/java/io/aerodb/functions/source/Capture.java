package io.aerodb.functions.source;

import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.TableName;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * That the changes of a table are needed.
 *
 * @param oldRows whether each has to tell the whole row as it was before
 */
public record Capture(TableName table, boolean oldRows) {

    /** What these triggers need, each table once. */
    public static List<Capture> of(Collection<DatabaseTrigger> triggers) {
        return triggers.stream()
                .collect(Collectors.groupingBy(DatabaseTrigger::table, Collectors.mapping(DatabaseTrigger::needsOldRow, Collectors.reducing(false, Boolean::logicalOr))))
                .entrySet().stream().map(entry -> new Capture(entry.getKey(), entry.getValue())).toList();
    }
}
