package io.aerodb.functions.source;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.RowCondition;
import io.aerodb.functions.trigger.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The application's tables whose changes are captured: the tables of the publication {@link #PUBLICATION}. Whoever deploys a function
 * attaches its tables before it answers; the bridge does it again, and lets go of those that no function needs any more. Methods throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while the database is away. Thread-safe.
 */
public final class WatchedTables {

    public static final String PUBLICATION = "aerodb_bridge";
    /** Prefix of the message in the log after which changes go by other triggers; its content is the function's name. */
    public static final String TRIGGERS_CHANGED = "aerodb.triggers";
    /** Prefix of the message in the log that ends the waiting of changes before it; its content is the longest window that ends, in milliseconds. */
    public static final String BATCHES_DUE = "aerodb.batches";

    /** Ours, which change whenever a function runs. */
    private static final Set<String> FORBIDDEN_SCHEMAS = Set.of("aerodb", "aerodb_guest", "aerodb_bridge", "pg_catalog", "information_schema", "pg_toast");
    private static final String IDENTITY_TRIGGER = "aerodb_tell_identity";
    private static final String ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('aerodb_bridge.tables'))";
    /** Whoever uses the table waits as long as we do. */
    private static final String PATIENCE = "SET LOCAL lock_timeout = '5s'";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final int HMAC_BLOCK_BYTES = 64;

    private final Database source;

    public WatchedTables(Database source) {
        this.source = source;
    }

    /**
     * Holds a trigger against its table.
     *
     * @throws InvalidFunctionException with code {@code invalid_trigger}, naming what does not fit
     */
    public void check(DatabaseTrigger trigger) {
        if (FORBIDDEN_SCHEMAS.contains(trigger.table().schema())) {
            throw invalid("the trigger on " + trigger.table() + ": tables of this schema cannot run functions");
        }
        var found = source.run(connection -> SourceTable.find(connection, trigger.table()))
                .orElseThrow(() -> invalid("the trigger on " + trigger.table() + ": there is no such table"));
        if (found.kind() != 'r' && found.kind() != 'p' || !found.permanent()) {
            throw invalid("the trigger on " + trigger.table() + ": its changes are not logged; only ordinary and partitioned tables can run functions, no views, no foreign, unlogged or temporary tables");
        }
        if (!found.owned()) {
            throw invalid("the trigger on " + trigger.table() + ": the trigger bridge's role does not own the table; alter its owner, or make the role a member of the owner");
        }
        for (var column : trigger.columns()) {
            if (!found.columns().containsKey(column)) {
                throw invalid("the trigger on " + trigger.table() + ": the table has no column '" + column + "'; it has " + String.join(", ", found.columns().keySet()));
            }
        }
        if (trigger.when() != null) {
            try {
                RowCondition.check(trigger.when(), found.columns());
            } catch (IllegalArgumentException e) {
                throw invalid("the trigger on " + trigger.table() + ": when " + e.getMessage());
            }
        }
    }

    /** Makes in the database what capturing and {@link #attach} need. */
    public void prepare() {
        source.inTransaction(connection -> {
            prepare(connection);
            return null;
        });
    }

    /**
     * Has the changes of these tables captured from now on.
     *
     * @return the tables whose replica identity was set to {@code FULL} for that
     * @throws InvalidFunctionException if our role may not do that
     * @throws UnavailableException if somebody else holds a lock of such a table for long
     */
    public List<TableName> attach(List<DatabaseTrigger> triggers) {
        try {
            return attachAll(triggers);
        } catch (DatabaseException e) {
            throw refusal(e);
        }
    }

    private List<TableName> attachAll(List<DatabaseTrigger> triggers) {
        return source.inTransaction(connection -> {
            prepare(connection);
            var full = new ArrayList<TableName>();
            var published = published(connection);
            for (var trigger : triggers) {
                var table = SourceTable.find(connection, trigger.table());
                if (table.isPresent() && attach(connection, table.get(), trigger, published)) {
                    full.add(trigger.table());
                }
            }
            return full;
        });
    }

    /**
     * Captures no changes of other tables any more. Their replica identity stays: others may rely on it by now.
     *
     * @param wanted asked while nobody can attach a table, so that none is let go of which a function has got meanwhile
     */
    public void retain(Supplier<Set<TableName>> wanted) {
        source.inTransaction(connection -> {
            prepare(connection);
            var tables = wanted.get();
            for (var each : published(connection)) {
                if (!tables.contains(each)) {
                    execute(connection, "ALTER PUBLICATION " + PUBLICATION + " DROP TABLE " + each.quoted());
                    execute(connection, "DROP TRIGGER IF EXISTS " + IDENTITY_TRIGGER + " ON " + each.quoted());
                }
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

    /** The key that says who made a change, as the two pads that HMAC-SHA256 makes of it; empty until it is made. */
    public Optional<IdentityKey> identityKey() {
        return source.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery("SELECT ipad, opad FROM aerodb_bridge.identity_key")) {
                return rows.next() ? Optional.of(new IdentityKey(rows.getBytes(1), rows.getBytes(2))) : Optional.empty();
            }
        });
    }

    private static boolean attach(Connection connection, SourceTable table, DatabaseTrigger trigger, Set<TableName> published) throws SQLException {
        var wantsFull = !table.tellsOldRows() && (trigger.needsOldRow() || !table.identified());
        if (wantsFull) {
            setReplicaIdentityFull(connection, table);
        }
        if (published.add(table.name())) {
            execute(connection, "CREATE OR REPLACE TRIGGER " + IDENTITY_TRIGGER + " BEFORE INSERT OR UPDATE OR DELETE ON " + table.name().quoted()
                    + " FOR EACH STATEMENT EXECUTE FUNCTION aerodb_bridge.tell_identity()");
            execute(connection, "ALTER PUBLICATION " + PUBLICATION + " ADD TABLE " + table.name().quoted());
        }
        return wantsFull;
    }

    /** Of a partitioned table that is a matter of its partitions; those that are added later bring their own. */
    private static void setReplicaIdentityFull(Connection connection, SourceTable table) throws SQLException {
        var tables = new ArrayList<TableName>();
        try (var select = connection.prepareStatement("""
                SELECT n.nspname, c.relname FROM pg_partition_tree(?::regclass) p
                JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace""")) {
            select.setString(1, table.name().quoted());
            var rows = select.executeQuery();
            while (rows.next()) {
                tables.add(new TableName(rows.getString(1), rows.getString(2)));
            }
        }
        if (tables.isEmpty()) {
            tables.add(table.name()); // an ordinary table is in no tree
        }
        for (var each : tables) {
            execute(connection, "ALTER TABLE " + each.quoted() + " REPLICA IDENTITY FULL");
        }
    }

    private static RuntimeException refusal(DatabaseException e) {
        var state = e.getCause() instanceof SQLException cause ? String.valueOf(cause.getSQLState()) : "";
        return switch (state) {
            case INSUFFICIENT_PRIVILEGE -> invalid("the trigger bridge's role in the application's database lacks a right: " + e.getCause().getMessage());
            case LOCK_NOT_AVAILABLE -> new UnavailableException("source", "a table is locked by others: " + e.getCause().getMessage());
            default -> e;
        };
    }

    private static void prepare(Connection connection) throws SQLException {
        execute(connection, PATIENCE);
        execute(connection, ONE_AT_A_TIME);
        execute(connection, script());
        var key = new byte[HMAC_BLOCK_BYTES / 2];
        new SecureRandom().nextBytes(key);
        try (var insert = connection.prepareStatement("INSERT INTO aerodb_bridge.identity_key (ipad, opad) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            insert.setBytes(1, IdentityKey.pad(key, (byte) 0x36));
            insert.setBytes(2, IdentityKey.pad(key, (byte) 0x5c));
            insert.executeUpdate();
        }
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

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String script() {
        try (var in = Objects.requireNonNull(WatchedTables.class.getResourceAsStream("source.sql"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InvalidFunctionException invalid(String message) {
        return new InvalidFunctionException("invalid_trigger", message);
    }
}
