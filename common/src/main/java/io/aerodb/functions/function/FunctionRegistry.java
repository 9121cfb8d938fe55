package io.aerodb.functions.function;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.Notifications;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * All active functions in memory, kept current by PostgreSQL's notifications: a lookup of a known function touches no database.
 *
 * <p>While PostgreSQL is away the functions known until then go on being served, so that invocations which need no database
 * go on; after an outage everything is read anew. A name that is not known is asked for in the database, so a function is
 * callable the moment its deployment returns, on any gateway; only of a name that was asked for in vain ten times within a
 * second the database is not asked again in that second, unless a change of it is announced. Thread-safe.
 */
public final class FunctionRegistry implements AutoCloseable, Notifications.Listener {

    private static final int PAGE = 500;

    private final FunctionStore store;
    private final Notifications notifications;
    private final Map<FunctionName, DeployedFunction> functions = new ConcurrentHashMap<>();
    private final List<Consumer<DeployedFunction>> followers = new CopyOnWriteArrayList<>();
    private final List<Consumer<FunctionName>> deletions = new CopyOnWriteArrayList<>();
    private final AbsentNames absent = new AbsentNames(System::nanoTime);
    /** Grows, under the lock, before anything is read because it may have changed. */
    private volatile long changes;
    private volatile boolean connected;
    private volatile boolean loaded;

    public FunctionRegistry(Database database, FunctionStore store) {
        this.store = store;
        this.notifications = new Notifications(database, FunctionStore.CHANNEL, this);
    }

    /** Starts to follow the database; until it is reached, nothing is known. */
    public void start() {
        notifications.start();
    }

    /** Tells of every function that becomes active or changes, on the listening thread; register before {@link #start}. */
    public void onChange(Consumer<DeployedFunction> follower) {
        followers.add(follower);
    }

    /** Tells of every function that was known here and is deleted, when it is not known any more; the follower must not block. */
    public void onDelete(Consumer<FunctionName> follower) {
        deletions.add(follower);
    }

    /** What is known without asking anyone. Never blocks. */
    public Optional<DeployedFunction> cached(FunctionName name) {
        return Optional.ofNullable(functions.get(name));
    }

    /**
     * What is known, or else what the database says. May block.
     *
     * @throws UnavailableException if the function is not known and PostgreSQL is away
     */
    public Optional<DeployedFunction> find(FunctionName name) {
        var known = cached(name);
        if (known.isPresent()) {
            return known;
        }
        if (!connected) {
            throw new UnavailableException("postgres", "postgres is unavailable, and the function is not known here");
        }
        if (absent.contains(name)) {
            return Optional.empty();
        }
        return lookUp(name);
    }

    /**
     * Asks without keeping others from asking. What was read may be older than an announcement that was handled meanwhile, of whatever
     * function; it is read anew then.
     */
    private Optional<DeployedFunction> lookUp(FunctionName name) {
        var before = changes;
        var found = store.find(name);
        synchronized (this) {
            if (changes != before) {
                return reload(name);
            }
            found.ifPresentOrElse(this::put, () -> absent.add(name));
            return found;
        }
    }

    /**
     * The configuration that a version was deployed with; asks the database only in the moments in which another version has become
     * active since the request.
     *
     * @throws UnavailableException if the database must be asked and is away, or the version is gone
     */
    public FunctionConfig config(DeployedFunction active, VersionRef version) {
        return active.version() == version.version()
                ? active.config()
                : store.config(version).orElseThrow(() -> new UnavailableException("function", "the function's version is gone"));
    }

    /** Whether everything was read at least once: from then on functions can be served, even while PostgreSQL is away. */
    public boolean hasLoaded() {
        return loaded;
    }

    /** Whether changes are being heard of. */
    public boolean isConnected() {
        return connected;
    }

    /**
     * Reads one function anew, because it may have changed. One at a time: what is read before a change is announced must not be stored after the
     * announcement was handled.
     */
    public synchronized Optional<DeployedFunction> reload(FunctionName name) {
        changes++;
        absent.remove(name);
        var found = store.find(name);
        found.ifPresentOrElse(this::put, () -> remove(name));
        return found;
    }

    @Override
    public synchronized void connected() {
        changes++;
        absent.clear();
        var all = new ConcurrentHashMap<FunctionName, DeployedFunction>();
        for (var page = store.list("", PAGE); !page.isEmpty(); page = store.list(page.getLast().name().value(), PAGE)) {
            page.forEach(function -> all.put(function.name(), function));
        }
        functions.keySet().stream().filter(name -> !all.containsKey(name)).toList().forEach(this::remove);
        all.values().forEach(this::put);
        connected = true;
        loaded = true;
    }

    @Override
    public void notified(String payload) {
        FunctionName.parse(payload).ifPresent(this::reload); // whoever may log in can notify, of whatever
    }

    @Override
    public void disconnected() {
        connected = false;
    }

    private void put(DeployedFunction function) {
        var before = functions.put(function.name(), function);
        if (!function.equals(before)) {
            followers.forEach(follower -> follower.accept(function));
        }
    }

    private void remove(FunctionName name) {
        if (functions.remove(name) != null) {
            deletions.forEach(follower -> follower.accept(name));
        }
    }

    @Override
    public void close() {
        notifications.close();
    }
}
