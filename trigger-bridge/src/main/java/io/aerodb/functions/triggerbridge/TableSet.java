package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.TableName;
import io.aerodb.functions.trigger.TriggerStore;
import io.aerodb.functions.triggerbridge.realtime.RealtimeTables;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the changes of just those tables captured that functions need, or that are published. For one thread. */
final class TableSet {

    private static final Logger LOG = LoggerFactory.getLogger(TableSet.class);

    private final WatchedTables tables;
    private final Database database;
    private final RealtimeTables realtime;
    private final Set<TableName> unpublished = new HashSet<>();

    /** @param database the services' own, which has the functions */
    TableSet(WatchedTables tables, Database database, RealtimeTables realtime) {
        this.tables = tables;
        this.database = database;
        this.realtime = realtime;
    }

    void reconcile() {
        tables.attach(Stream.concat(triggers().stream(), realtime.captured().stream().filter(this::canBeCaptured)).toList())
                .forEach(table -> LOG.atInfo().addKeyValue("table", table).log("set the replica identity to FULL, as rows are told as they were before"));
        tables.retain(() -> Stream.concat(triggers().stream(), realtime.captured().stream()).map(DatabaseTrigger::table).collect(Collectors.toSet()));
    }

    /** What functions need was checked when they were deployed. */
    private boolean canBeCaptured(DatabaseTrigger everyChange) {
        try {
            tables.check(everyChange);
            unpublished.remove(everyChange.table());
            return true;
        } catch (InvalidFunctionException e) {
            if (unpublished.add(everyChange.table())) {
                LOG.atWarn().addKeyValue("table", everyChange.table()).log("changes are not published: {}", e.getMessage());
            }
            return false;
        }
    }

    private List<DatabaseTrigger> triggers() {
        return database.run(TriggerStore::databaseTriggers);
    }
}
