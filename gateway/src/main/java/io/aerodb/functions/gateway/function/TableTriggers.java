package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.TableName;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Holds database triggers against their tables, and has the changes of those captured before a deployment is answered. */
public final class TableTriggers {

    private final WatchedTables tables;

    public TableTriggers(WatchedTables tables) {
        this.tables = tables;
    }

    /**
     * What can be refused is refused here, before anything of the deployment is kept.
     *
     * @return the tables whose replica identity was set to {@code FULL}
     * @throws io.aerodb.functions.function.InvalidFunctionException naming what does not fit its table
     */
    Set<String> prepare(FunctionConfig config) {
        var triggers = of(config);
        triggers.forEach(tables::check);
        return triggers.isEmpty() ? Set.of() : names(tables.attach(triggers));
    }

    /**
     * Once the configuration is kept: changes that are committed after this returns go by it. The bridge may have let go of the tables
     * meanwhile, as no function needed them yet.
     */
    void enter(FunctionName name, FunctionConfig before, FunctionConfig after) {
        try {
            if (!of(after).isEmpty()) {
                tables.attach(of(after));
            }
        } finally {
            if (!of(before).isEmpty() || !of(after).isEmpty()) {
                tables.announce(name.value());
            }
        }
    }

    private static List<DatabaseTrigger> of(FunctionConfig config) {
        return config.triggers().stream().filter(DatabaseTrigger.class::isInstance).map(DatabaseTrigger.class::cast).toList();
    }

    private static Set<String> names(List<TableName> tables) {
        return tables.stream().map(TableName::toString).collect(Collectors.toCollection(TreeSet::new));
    }
}
