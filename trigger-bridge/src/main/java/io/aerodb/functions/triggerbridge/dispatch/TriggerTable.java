package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.Notifications;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.RowCondition;
import io.aerodb.functions.trigger.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which functions the changes of which tables run: those of the active configurations, kept current by PostgreSQL's notifications. Thread-safe. */
public final class TriggerTable implements AutoCloseable, Notifications.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(TriggerTable.class);
    private static final int PAGE = 500;

    private final FunctionStore store;
    private final Notifications notifications;
    private final Runnable follower;
    private final CountDownLatch loaded = new CountDownLatch(1);
    private final Map<FunctionName, DeployedFunction> functions = new HashMap<>();
    /** By their texts, as compiling one takes long. */
    private Map<String, Optional<RowCondition>> conditions = Map.of();
    private volatile Map<TableName, List<Target>> targets = Map.of();

    /** @param condition null for none */
    public record Target(DeployedFunction function, DatabaseTrigger trigger, @Nullable RowCondition condition) {}

    /** @param follower told, on any thread, that something has changed */
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

    /**
     * Reads a function anew; passes over what is no name, as that was said by none of us.
     *
     * @throws io.aerodb.functions.lifecycle.UnavailableException if PostgreSQL is away
     */
    void reload(String function) {
        FunctionName name;
        try {
            name = new FunctionName(function);
        } catch (InvalidFunctionException e) {
            return;
        }
        if (reload(name)) {
            follower.run();
        }
    }

    /** @return false if nothing is new: anybody may notify us, as often as they like */
    private synchronized boolean reload(FunctionName name) {
        var found = store.find(name).filter(TriggerTable::hasDatabaseTrigger);
        if (found.equals(Optional.ofNullable(functions.get(name)))) {
            return false;
        }
        found.ifPresentOrElse(function -> functions.put(name, function), () -> functions.remove(name));
        index();
        return true;
    }

    /** Reads all functions anew. @throws io.aerodb.functions.lifecycle.UnavailableException if PostgreSQL is away; what is known stays */
    public synchronized void reload() {
        var read = new HashMap<FunctionName, DeployedFunction>();
        for (var page = store.list("", PAGE); !page.isEmpty(); page = store.list(page.getLast().name().value(), PAGE)) {
            page.stream().filter(TriggerTable::hasDatabaseTrigger).forEach(function -> read.put(function.name(), function));
        }
        functions.clear();
        functions.putAll(read);
        index();
    }

    @Override
    public void connected() {
        reload();
        loaded.countDown();
        follower.run();
    }

    @Override
    public void notified(String payload) {
        reload(payload);
    }

    @Override
    public void disconnected() {
        // what is known goes on being served
    }

    private void index() {
        var index = new HashMap<TableName, List<Target>>();
        var used = new HashMap<String, Optional<RowCondition>>();
        for (var function : functions.values()) {
            for (var trigger : function.config().triggers()) {
                if (trigger instanceof DatabaseTrigger database && function.config().enabled()) {
                    target(function, database, used).ifPresent(target -> index.computeIfAbsent(database.table(), _ -> new ArrayList<>()).add(target));
                }
            }
        }
        conditions = used;
        targets = Map.copyOf(index);
    }

    private Optional<Target> target(DeployedFunction function, DatabaseTrigger trigger, Map<String, Optional<RowCondition>> used) {
        if (trigger.when() == null) {
            return Optional.of(new Target(function, trigger, null));
        }
        var known = conditions.get(trigger.when());
        var condition = used.computeIfAbsent(trigger.when(), text -> known == null ? compiled(function, text) : known);
        return condition.map(it -> new Target(function, trigger, it));
    }

    /** Empty, and an error in the log, if the condition is none any more. */
    private static Optional<RowCondition> compiled(DeployedFunction function, String text) {
        try {
            return Optional.of(RowCondition.untyped(text));
        } catch (IllegalArgumentException e) {
            LOG.atError().addKeyValue("function", function.name()).log("a database trigger fires no more, its condition is not understood: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static boolean hasDatabaseTrigger(DeployedFunction function) {
        return function.config().triggers().stream().anyMatch(DatabaseTrigger.class::isInstance);
    }

    @Override
    public void close() {
        notifications.close();
    }
}
