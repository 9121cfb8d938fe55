package io.aerodb.functions.source;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The application's tables whose changes are captured: the tables of the publication {@link #PUBLICATION}. Whoever deploys a function
 * attaches its tables before it answers; the bridge sees to it that they stay so, and lets go of those that no function needs any more.
 * Only where something has to be altered is a lock taken, of one table at a time and for a moment, as whoever uses the table waits as
 * long as we do. Methods throw {@link io.aerodb.functions.lifecycle.UnavailableException} while the database is away. Thread-safe.
 */
public final class WatchedTables {

    public static final String PUBLICATION = "aerodb_bridge";
    /** Prefix of the message in the log after which changes go by other triggers; its content is the function's name. */
    public static final String TRIGGERS_CHANGED = "aerodb.triggers";
    /** Prefix of the message in the log that ends the waiting of changes before it; its content is the longest window that ends, in milliseconds. */
    public static final String BATCHES_DUE = "aerodb.batches";

    private static final String IDENTITY_TRIGGER = "aerodb_tell_identity";
    private static final String PATIENCE = "SET LOCAL lock_timeout = '200ms'";
    private static final int ATTEMPTS = 8;
    private static final Duration PAUSE = Duration.ofMillis(400);
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Database source;
    private final SourceSchema schema;
    private final TableCheck check;

    /**
     * How what is captured differs from what is needed.
     *
     * @param uncaptured whose changes are not captured, or do not tell all that is needed
     * @param superfluous captured, and not needed
     * @param missing that there are not, or that are of a kind whose changes are not logged
     * @param partitions that are part of other tables, and whose changes are told as those of the other ones where those are captured
     */
    public record Differences(List<Capture> uncaptured, Set<TableName> superfluous, Set<TableName> missing, Set<TableName> partitions) {}

    public WatchedTables(Database source) {
        this.source = source;
        this.schema = new SourceSchema(source);
        this.check = new TableCheck(source);
    }

    /**
     * Holds a trigger against its table.
     *
     * @throws InvalidFunctionException with code {@code invalid_trigger}, naming what does not fit
     */
    public void check(DatabaseTrigger trigger) {
        check.check(trigger);
    }

    /** Makes in the database what capturing needs, where it is missing or of another version. */
    public void prepare() {
        schema.ensure();
    }

    /**
     * Has the changes of these tables captured from now on. Tries for a few seconds where somebody else has locked a table.
     *
     * @return the tables whose replica identity was set to {@code FULL} for that
     * @throws InvalidFunctionException if our role may not do that
     * @throws UnavailableException if a table stays locked
     */
    public List<TableName> attach(List<DatabaseTrigger> triggers) {
        var full = new ArrayList<TableName>();
        try {
            prepare();
            for (var capture : Capture.of(triggers)) {
                if (attachPatiently(capture)) {
                    full.add(capture.table());
                }
            }
        } catch (DatabaseException e) {
            throw refusal(e);
        }
        return full;
    }

    private boolean attachPatiently(Capture capture) {
        for (var attempt = 1; ; attempt++) {
            try {
                return alter(capture);
            } catch (DatabaseException e) {
                if (!e.sqlState().equals(LOCK_NOT_AVAILABLE) || attempt == ATTEMPTS) {
                    throw e;
                }
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UnavailableException("source", e);
            }
        }
    }

    /**
     * Like {@link #attach(List)}, for one table and without a second try.
     *
     * @return whether its replica identity was set to {@code FULL} for that
     */
    public boolean attach(Capture capture) {
        try {
            return alter(capture);
        } catch (DatabaseException e) {
            throw refusal(e);
        }
    }

    /** Looks only. {@link #prepare} must have been called. */
    public Differences compare(Collection<Capture> needed) {
        return source.run(connection -> {
            var names = needed.stream().map(Capture::table).collect(Collectors.toCollection(HashSet::new));
            var found = SourceTable.find(connection, names);
            found.values().removeIf(table -> !table.isLogged());
            var uncaptured = needed.stream()
                    .filter(each -> found.containsKey(each.table()) && !found.get(each.table()).isCaptured(each.oldRows())).toList();
            var superfluous = published(connection);
            superfluous.removeAll(names);
            names.removeAll(found.keySet());
            var partitions = found.values().stream().filter(SourceTable::partition).map(SourceTable::name).collect(Collectors.toSet());
            return new Differences(uncaptured, superfluous, names, partitions);
        });
    }

    /**
     * Captures no changes of this table any more. Its replica identity stays: others may rely on it by now; so does the trigger that tells
     * who writes, as dropping it would lock out whoever reads the table.
     *
     * @param wanted asked while nobody can attach a table, so that none is let go of which a function has got meanwhile
     */
    public void release(TableName table, Supplier<Set<TableName>> wanted) {
        source.inTransaction(connection -> {
            SourceSchema.lock(connection);
            if (!wanted.get().contains(table) && published(connection).contains(table)) {
                SourceSchema.execute(connection, PATIENCE);
                SourceSchema.execute(connection, "ALTER PUBLICATION " + PUBLICATION + " DROP TABLE ONLY " + table.quoted());
            }
            return null;
        });
    }

    /** Says in the log that what follows goes by the triggers that this function has now. */
    public void announce(String function) {
        say(TRIGGERS_CHANGED, function);
    }

    /** Says in the log that changes before this wait no longer for others, if they were to wait no longer than so. */
    public void closeBatches(Duration window) {
        say(BATCHES_DUE, String.valueOf(window.toMillis()));
    }

    /** Signed, in a transaction of its own. */
    private void say(String prefix, String content) {
        source.run(connection -> {
            try (var emit = connection.prepareStatement("""
                    SELECT pg_logical_emit_message(true, ?, encode(sha256(k.opad || sha256(k.ipad || convert_to(
                        (pg_current_xact_id()::text::numeric % 4294967296)::text || '|' || ?, 'UTF8'))), 'hex') || ?)
                    FROM aerodb_bridge.identity_key k""")) {
                emit.setString(1, prefix);
                emit.setString(2, content);
                emit.setString(3, content);
                return emit.execute();
            }
        });
    }

    /** The key that says who made a change; empty until it is made. */
    public Optional<IdentityKey> identityKey() {
        return schema.key();
    }

    /** Those of other tables that inherit from an ordinary one are no concern of ours, hence {@code ONLY}. */
    private boolean alter(Capture capture) {
        var name = capture.table();
        var table = source.run(connection -> Optional.ofNullable(SourceTable.find(connection, Set.of(name)).get(name)))
                .filter(found -> !found.isCaptured(capture.oldRows())).orElse(null);
        if (table == null) {
            return false;
        }
        var wantsFull = table.lacksOldRows(capture.oldRows());
        for (var member : table.members()) {
            var statements = new ArrayList<String>();
            if (wantsFull && !member.tellsOldRows()) { // first, as it takes the stronger lock: so none is held while another is waited for
                statements.add("ALTER TABLE ONLY " + member.name().quoted() + " REPLICA IDENTITY FULL");
            }
            if (!member.tellsIdentity()) {
                statements.add("CREATE OR REPLACE TRIGGER " + IDENTITY_TRIGGER + " BEFORE INSERT OR UPDATE OR DELETE ON " + member.name().quoted()
                        + " FOR EACH STATEMENT EXECUTE FUNCTION aerodb_bridge.tell_identity()");
            }
            alter(statements);
        }
        publish(name);
        return wantsFull;
    }

    private void publish(TableName table) {
        source.inTransaction(connection -> {
            SourceSchema.lock(connection);
            if (!published(connection).contains(table)) { // nor has somebody else done it meanwhile
                SourceSchema.execute(connection, PATIENCE);
                SourceSchema.execute(connection, "ALTER PUBLICATION " + PUBLICATION + " ADD TABLE ONLY " + table.quoted());
            }
            return null;
        });
    }

    private void alter(List<String> statements) {
        if (!statements.isEmpty()) {
            source.inTransaction(connection -> {
                SourceSchema.lock(connection);
                SourceSchema.execute(connection, PATIENCE);
                for (var each : statements) {
                    SourceSchema.execute(connection, each);
                }
                return null;
            });
        }
    }

    private static RuntimeException refusal(DatabaseException e) {
        return switch (e.sqlState()) {
            case INSUFFICIENT_PRIVILEGE -> new InvalidFunctionException("invalid_trigger",
                    "the trigger bridge's role in the application's database lacks a right: " + e.getCause().getMessage());
            case LOCK_NOT_AVAILABLE -> new UnavailableException("source", "a table is locked by others: " + e.getCause().getMessage());
            default -> e;
        };
    }

    private static Set<TableName> published(Connection connection) throws SQLException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery("""
                SELECT n.nspname, c.relname FROM pg_publication p
                JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE p.pubname = 'aerodb_bridge'""")) {
            var tables = new HashSet<TableName>();
            while (rows.next()) {
                tables.add(new TableName(rows.getString(1), rows.getString(2)));
            }
            return tables;
        }
    }
}
