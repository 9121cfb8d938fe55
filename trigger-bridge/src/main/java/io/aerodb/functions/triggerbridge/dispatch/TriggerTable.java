package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.Notifications;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.RowCondition;
import io.aerodb.functions.trigger.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Which functions the changes of which tables run: those of the active configurations, kept current by PostgreSQL's notifications. Thread-safe. */
public final class TriggerTable implements AutoCloseable, Notifications.Listener {

    private static final int PAGE = 500;

    private final FunctionStore store;
    private final Notifications notifications;
    private final Runnable follower;
    private final CountDownLatch loaded = new CountDownLatch(1);
    private final Map<FunctionName, DeployedFunction> functions = new HashMap<>();
    private volatile Map<TableName, List<Target>> targets = Map.of();

    /** @param condition null for none */
    public record Target(DeployedFunction function, DatabaseTrigger trigger, @Nullable RowCondition condition) {}

    /** @param follower told, on the listening thread, that something may have changed */
    public TriggerTable(Database database, FunctionStore store, Runnable follower) {
        this.store = store;
        this.follower = follower;
        this.notifications = new Notifications(database, FunctionStore.CHANNEL, this);
    }

    public void start() {
        notifications.start();
    }

    /** Returns when the triggers are known. */
    public void awaitLoaded() throws InterruptedException {
        loaded.await();
    }

    /** What a change of this table may run. */
    public List<Target> of(TableName table) {
        return targets.getOrDefault(table, List.of());
    }

    /** Reads a function anew. @throws io.aerodb.functions.lifecycle.UnavailableException if PostgreSQL is away */
    public synchronized void reload(FunctionName name) {
        store.find(name).filter(TriggerTable::hasDatabaseTrigger)
                .ifPresentOrElse(function -> functions.put(name, function), () -> functions.remove(name));
        index();
    }

    @Override
    public synchronized void connected() {
        functions.clear();
        for (var page = store.list("", PAGE); !page.isEmpty(); page = store.list(page.getLast().name().value(), PAGE)) {
            page.stream().filter(TriggerTable::hasDatabaseTrigger).forEach(function -> functions.put(function.name(), function));
        }
        index();
        loaded.countDown();
        follower.run();
    }

    @Override
    public void notified(String payload) {
        reload(new FunctionName(payload));
        follower.run();
    }

    @Override
    public void disconnected() {
        // what is known goes on being served
    }

    private void index() {
        var index = new HashMap<TableName, List<Target>>();
        for (var function : functions.values()) {
            for (var trigger : function.config().triggers()) {
                if (trigger instanceof DatabaseTrigger database && function.config().enabled()) {
                    var condition = database.when() == null ? null : RowCondition.untyped(database.when());
                    index.computeIfAbsent(database.table(), _ -> new ArrayList<>())
                            .add(new Target(function, database, condition));
                }
            }
        }
        targets = Map.copyOf(index);
    }

    private static boolean hasDatabaseTrigger(DeployedFunction function) {
        return function.config().triggers().stream().anyMatch(DatabaseTrigger.class::isInstance);
    }

    @Override
    public void close() {
        notifications.close();
    }
}
