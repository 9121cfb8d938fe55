package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.TriggerStore;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the changes of just those tables captured that functions need.
 *
 * @param database the services' own, which has the functions
 */
record TableSet(WatchedTables tables, Database database) {

    private static final Logger LOG = LoggerFactory.getLogger(TableSet.class);

    void reconcile() {
        tables.attach(triggers())
                .forEach(table -> LOG.atInfo().addKeyValue("table", table).log("set the replica identity to FULL, as functions need rows as they were before"));
        tables.retain(() -> triggers().stream().map(DatabaseTrigger::table).collect(Collectors.toSet()));
    }

    private List<DatabaseTrigger> triggers() {
        return database.run(TriggerStore::databaseTriggers);
    }
}
