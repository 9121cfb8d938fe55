package io.aerodb.functions.triggerbridge.backfill;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.source.KeyedTable;
import io.aerodb.functions.trigger.TableName;
import io.aerodb.functions.triggerbridge.backfill.RunningBackfill.Position;
import io.aerodb.functions.triggerbridge.capture.Change;
import io.aerodb.functions.triggerbridge.capture.RowDecoder;
import io.aerodb.functions.triggerbridge.capture.RowDecoder.Read;
import io.aerodb.functions.triggerbridge.dispatch.ReadRequests.Row;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;
import org.postgresql.util.PSQLException;

/**
 * Reads the rows of tables, in the order of their primary keys. Each batch is a short transaction of its own, so no snapshot is held that
 * would keep PostgreSQL from cleaning up. For one thread.
 */
final class TableRows implements AutoCloseable {

    /** A table that is altered or vacuumed in full is come back to later. */
    private static final String LIMITS = """
            SET TRANSACTION READ ONLY;
            SET LOCAL statement_timeout = '20s';
            SET LOCAL lock_timeout = '2s';
            SET LOCAL idle_in_transaction_session_timeout = '30s';
            SET LOCAL row_security = off""";
    /** A lock was not had, a statement took too long or was in the way of another one. */
    private static final Set<String> PASSING = Set.of("55P03", "57014", "40001", "40P01");
    private static final String UNDEFINED_TABLE = "42P01";
    private static final int FETCHED_AT_ONCE = 50;
    /** Each has connections of its own. */
    private static final int MOST_DECODERS = 4;
    /** Rows may be large, and all of a batch are in memory. */
    private static final long LARGEST_BATCH_CHARS = 8 << 20;

    private final Database source;
    private final DatabaseSettings settings;
    private final Map<TableName, RowDecoder> decoders = new HashMap<>();

    /** @param settings of the same database */
    TableRows(Database source, DatabaseSettings settings) {
        this.source = source;
        this.settings = settings;
    }

    /**
     * What was read.
     *
     * @param keyColumns of the rows' keys
     * @param isLast whether there are no rows after these
     */
    record Batch(List<String> keyColumns, List<Row> rows, boolean isLast) {}

    /**
     * The rows after a position.
     *
     * @param position null for the first rows
     * @throws UnreadableTableException if they cannot be read, for now or ever
     * @throws io.aerodb.functions.lifecycle.UnavailableException while the database is away
     */
    Batch after(TableName name, @Nullable Position position, int limit) {
        try {
            return source.inTransaction(connection -> {
                execute(connection, LIMITS);
                execute(connection, "LOCK TABLE ONLY " + name.quoted() + " IN ACCESS SHARE MODE"); // its columns are the same until we are done
                var table = table(connection, name, position);
                execute(connection, "SET LOCAL search_path TO " + table.searchPath());
                return read(connection, decoderOf(table), position == null ? null : position.values(), limit);
            });
        } catch (RuntimeException e) {
            close(); // their connections may be lost too
            throw e instanceof DatabaseException refused ? unreadable(name, refused) : e;
        }
    }

    private static UnreadableTableException unreadable(TableName name, DatabaseException refused) {
        if (refused.sqlState().equals(UNDEFINED_TABLE)) {
            return gone(name);
        }
        var reason = "PostgreSQL says: " + (refused.getCause() instanceof PSQLException e && e.getServerErrorMessage() != null
                ? e.getServerErrorMessage().getMessage()
                : refused.getCause().getMessage());
        return PASSING.contains(refused.sqlState()) ? UnreadableTableException.passing(reason, refused) : UnreadableTableException.lasting(reason, refused);
    }

    private static UnreadableTableException gone(TableName name) {
        return UnreadableTableException.lasting("the table " + name + " is gone", null);
    }

    private static KeyedTable table(Connection connection, TableName name, @Nullable Position position) throws SQLException {
        var table = KeyedTable.find(connection, name).orElseThrow(() -> gone(name));
        if (!table.hasKey()) {
            throw UnreadableTableException.lasting("the table " + name + " has no primary key any more", null);
        }
        if (position != null && !position.columns().equals(names(table.key()))) {
            throw UnreadableTableException.lasting("the table " + name + " has got another primary key", null);
        }
        return table;
    }

    private Batch read(Connection connection, RowDecoder decoder, @Nullable List<String> position, int limit) throws SQLException {
        var table = decoder.table();
        var now = moment(connection);
        try (var select = connection.prepareStatement(table.query(position == null))) {
            select.unwrap(PGStatement.class).setPrepareThreshold(0); // so that all values come as text
            select.setFetchSize(FETCHED_AT_ONCE);
            bind(select, position, limit);
            var rows = new ArrayList<Row>();
            var chars = 0L;
            try (var found = select.executeQuery()) {
                while (found.next()) {
                    var values = texts(found, 2, table.columns().size());
                    var key = texts(found, 2 + values.size(), table.key().size());
                    rows.add(new Row(key, decode(decoder, key, new Read(values, found.getLong(1), now.lsn(), rows.size() + 1, now.time()))));
                    chars += values.stream().mapToLong(value -> value == null ? 0 : value.length()).sum();
                    if (chars > LARGEST_BATCH_CHARS) {
                        return new Batch(names(table.key()), rows, false);
                    }
                }
            }
            return new Batch(names(table.key()), rows, rows.size() < limit);
        }
    }

    private static Change.Row decode(RowDecoder decoder, List<String> key, Read row) throws SQLException {
        try {
            return decoder.decode(row);
        } catch (RuntimeException e) {
            throw UnreadableTableException.lasting("the row of " + decoder.table().name() + " with the key (" + String.join(", ", key) + ") cannot be told", e);
        }
    }

    private static List<String> names(List<KeyedTable.Column> columns) {
        return columns.stream().map(KeyedTable.Column::name).toList();
    }

    private record Moment(long lsn, Instant time) {}

    /** Before the rows are read, so that none is taken for newer than it is. */
    private static Moment moment(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT (pg_current_wal_lsn() - '0/0')::bigint, statement_timestamp()")) {
            rows.next();
            return new Moment(rows.getLong(1), rows.getObject(2, OffsetDateTime.class).toInstant());
        }
    }

    private static void bind(PreparedStatement select, @Nullable List<String> position, int limit) throws SQLException {
        var next = 1;
        if (position != null) {
            for (var value : position) {
                select.setObject(next++, value, Types.OTHER); // of the type that the query says
            }
        }
        select.setInt(next, limit);
    }

    private static List<String> texts(ResultSet row, int first, int count) throws SQLException {
        var texts = new ArrayList<String>(count);
        for (var i = 0; i < count; i++) {
            texts.add(row.getString(first + i));
        }
        return texts;
    }

    /** Made anew once the table has changed. */
    private RowDecoder decoderOf(KeyedTable table) throws SQLException {
        var known = decoders.get(table.name());
        if (known != null && known.table().equals(table)) {
            return known;
        }
        if (known != null || decoders.size() >= MOST_DECODERS) {
            close();
        }
        var opened = RowDecoder.open(settings, table);
        decoders.put(table.name(), opened);
        return opened;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Lets go of connections, which are made again where they are needed. */
    @Override
    public void close() {
        decoders.values().forEach(RowDecoder::close);
        decoders.clear();
    }
}
