package io.aerodb.functions.triggerbridge.capture;

import io.aerodb.functions.database.Database;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replication slot, with which the application's database keeps its log for us until we have read it. It is made once; one that is
 * gone, or that the server had to give up, is never made again by itself, as that would pass over changes. Thread-safe.
 */
public final class Slot {

    private static final Logger LOG = LoggerFactory.getLogger(Slot.class);
    /** As Debezium writes it: the engine's name and the source it reads. */
    private static final byte[] OFFSET_KEY = ("[\"" + ChangeDecoder.PREFIX + "\",{\"server\":\"" + ChangeDecoder.PREFIX + "\"}]").getBytes(StandardCharsets.UTF_8);

    private final Database source;
    private final Database own;
    private final String name;

    /**
     * @param lost whether the server has given it up because it kept too much for it
     * @param reader the server process that sends the log to somebody; 0 if nobody reads
     * @param lagBytes how much was logged since what we have read and dealt with
     * @param retainedBytes how much of the log the server keeps for it
     * @param safeBytes how much may still be logged before the server gives it up; null without such a limit
     */
    public record Status(boolean lost, int reader, long lagBytes, long retainedBytes, @Nullable Long safeBytes) {}

    private Slot(Database source, Database own, String name) {
        this.source = source;
        this.own = own;
        this.name = name;
    }

    /** @param own the services' own database, which has the offsets */
    public static Slot of(Database source, Database own) {
        // names of slots are shared by all databases of a server
        var name = source.run(connection -> text(connection, "SELECT 'aerodb_bridge_' || oid FROM pg_database WHERE datname = current_database()"));
        return new Slot(source, own, name);
    }

    public String name() {
        return name;
    }

    /** Empty if there is no such slot. */
    public Optional<Status> status() {
        return source.run(connection -> {
            try (var select = connection.prepareStatement("""
                    SELECT wal_status = 'lost' AS lost, coalesce(active_pid, 0) AS reader,
                           pg_current_wal_lsn() - confirmed_flush_lsn AS lag, pg_current_wal_lsn() - restart_lsn AS retained, safe_wal_size
                    FROM pg_replication_slots WHERE slot_name = ? AND database = current_database()""")) {
                select.setString(1, name);
                var rows = select.executeQuery();
                return rows.next()
                        ? Optional.of(new Status(rows.getBoolean("lost"), rows.getInt("reader"), rows.getLong("lag"), rows.getLong("retained"),
                                rows.getObject("safe_wal_size", Long.class)))
                        : Optional.empty();
            }
        });
    }

    /**
     * Makes the slot if nothing was ever read here.
     *
     * @return false if it is lost: then what was changed since is not known any more
     */
    public boolean ensure() {
        var hasOffset = hasOffset();
        var status = status();
        if (status.isPresent() && status.get().lost() || status.isEmpty() && hasOffset) {
            return false;
        }
        if (status.isEmpty()) {
            source.run(connection -> text(connection, "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')::text"));
            LOG.atInfo().addKeyValue("slot", name).log("created the replication slot");
        }
        if (!hasOffset) {
            begin(source.run(connection -> Long.parseLong(text(connection,
                    "SELECT (confirmed_flush_lsn - '0/0')::text FROM pg_replication_slots WHERE slot_name = '" + name + "'"))));
        }
        return true;
    }

    /** Ends what another process still reads, which has lost its turn. */
    public void evict() {
        status().filter(status -> status.reader() != 0).ifPresent(status -> source.run(connection -> {
            try (var terminate = connection.prepareStatement("SELECT pg_terminate_backend(?)")) {
                terminate.setInt(1, status.reader());
                return terminate.execute();
            }
        }));
    }

    private boolean hasOffset() {
        return own.run(connection -> {
            try (var select = connection.prepareStatement("SELECT 1 FROM aerodb.bridge_offsets WHERE slot = ?")) {
                select.setString(1, name);
                return select.executeQuery().next();
            }
        });
    }

    /** Without this a crash before the first offset is kept would pass over what came before it. */
    private void begin(long lsn) {
        own.run(connection -> {
            try (var insert = connection.prepareStatement("INSERT INTO aerodb.bridge_offsets (slot, key, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")) {
                insert.setString(1, name);
                insert.setBytes(2, OFFSET_KEY);
                insert.setBytes(3, ("{\"lsn\":" + lsn + ",\"ts_usec\":0}").getBytes(StandardCharsets.UTF_8));
                return insert.executeUpdate();
            }
        });
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(query)) {
            if (!rows.next()) {
                throw new SQLException("no answer to: " + query);
            }
            return rows.getString(1);
        }
    }
}
