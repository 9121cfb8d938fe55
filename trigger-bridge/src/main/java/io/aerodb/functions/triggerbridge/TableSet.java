package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.triggerbridge.dispatch.TriggerTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the changes of just those tables captured that functions need. */
record TableSet(WatchedTables tables, TriggerTable triggers) {

    private static final Logger LOG = LoggerFactory.getLogger(TableSet.class);

    void reconcile() {
        var wanted = triggers.all();
        var full = tables.attach(wanted.values().stream().flatMap(targets -> targets.stream().map(TriggerTable.Target::trigger)).distinct().toList());
        full.forEach(table -> LOG.atInfo().addKeyValue("table", table).log("set the replica identity to FULL, as functions need rows as they were before"));
        tables.retain(wanted.keySet());
    }
}
