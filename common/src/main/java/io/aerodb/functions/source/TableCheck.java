package io.aerodb.functions.source;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.RowCondition;
import java.util.Optional;
import java.util.Set;

/** Holds triggers against their tables. */
final class TableCheck {

    /** Ours, which change whenever a function runs. */
    private static final Set<String> FORBIDDEN_SCHEMAS = Set.of("aerodb", "aerodb_guest", "aerodb_bridge", "pg_catalog", "information_schema", "pg_toast");

    private final Database source;

    TableCheck(Database source) {
        this.source = source;
    }

    /** @throws InvalidFunctionException with code {@code invalid_trigger}, naming what does not fit */
    void check(DatabaseTrigger trigger) {
        if (FORBIDDEN_SCHEMAS.contains(trigger.table().schema())) {
            throw invalid(trigger, "tables of this schema cannot run functions");
        }
        var found = source.run(connection -> Optional.ofNullable(SourceTable.find(connection, Set.of(trigger.table())).get(trigger.table())))
                .orElseThrow(() -> invalid(trigger, "there is no such table"));
        if (!found.isLogged()) {
            throw invalid(trigger, "its changes are not logged; only ordinary and partitioned tables can run functions, no views, no foreign, unlogged or temporary tables");
        }
        if (found.partition()) {
            throw invalid(trigger, "it is a partition; name the partitioned table that it belongs to");
        }
        if (found.endangersPartitions()) {
            throw invalid(trigger, "it is partitioned and has no primary key, so updates and deletes would fail in partitions that it gets later; add a primary key");
        }
        if (!found.owned()) {
            throw invalid(trigger, "the trigger bridge's role does not own the table; alter its owner, or make the role a member of the owner");
        }
        checkColumns(trigger);
    }

    private void checkColumns(DatabaseTrigger trigger) {
        var columns = source.run(connection -> TableColumns.of(connection, trigger.table()));
        for (var column : trigger.columns()) {
            if (!columns.containsKey(column)) {
                throw invalid(trigger, "the table has no column '" + column + "'; it has " + String.join(", ", columns.keySet()));
            }
        }
        if (trigger.when() != null) {
            try {
                RowCondition.check(trigger.when(), columns);
            } catch (IllegalArgumentException e) {
                throw invalid(trigger, "when " + e.getMessage());
            }
        }
    }

    private static InvalidFunctionException invalid(DatabaseTrigger trigger, String what) {
        return new InvalidFunctionException("invalid_trigger", "the trigger on " + trigger.table() + ": " + what);
    }
}
