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
     * @param confirmed up to which place in the log the server was told that we are done; null while the slot is being made
     * @param end of the log
     */
    public record Status(boolean lost, int reader, long lagBytes, long retainedBytes, @Nullable Long safeBytes, @Nullable Long confirmed, long end) {}

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
                           pg_current_wal_lsn() - confirmed_flush_lsn AS lag, pg_current_wal_lsn() - restart_lsn AS retained, safe_wal_size,
                           (confirmed_flush_lsn - '0/0')::bigint AS confirmed, (pg_current_wal_lsn() - '0/0')::bigint AS log_end
                    FROM pg_replication_slots WHERE slot_name = ? AND database = current_database()""")) {
                select.setString(1, name);
                var rows = select.executeQuery();
                return rows.next()
                        ? Optional.of(new Status(rows.getBoolean("lost"), rows.getInt("reader"), rows.getLong("lag"), rows.getLong("retained"),
                                rows.getObject("safe_wal_size", Long.class), rows.getObject("confirmed", Long.class), rows.getLong("log_end")))
                        : Optional.empty();
            }
        });
    }

    /**
     * Makes the slot if nothing was ever read here, and what is kept of how far it was read ours: what bridges that had their turn before
     * have still to keep is refused from now on.
     *
     * @return the epoch to keep it under
     * @throws SlotLostException if it is lost: then what was changed since is not known any more
     */
    public long open() {
        var epoch = own.run(connection -> Long.parseLong(text(connection, "SELECT nextval('aerodb.bridge_epochs')")));
        var hasOffset = claim(epoch);
        var status = status();
        if (hasOffset) {
            refuseLost(status);
            return epoch;
        }
        if (status.isPresent() && status.get().lost()) {
            throw new SlotLostException("PostgreSQL has given the slot up");
        }
        if (status.isEmpty()) {
            source.run(connection -> text(connection, "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')::text"));
            LOG.atInfo().addKeyValue("slot", name).log("created the replication slot");
            status = status();
        }
        begin(status.map(Status::confirmed).orElseThrow(() -> new SlotLostException("the slot is gone, or not ready, just after it was made")), epoch);
        return epoch;
    }

    /**
     * Before anything is kept: whether it is still the slot from which was read up to now, and not one that was made meanwhile.
     *
     * @throws SlotLostException if it is not
     */
    void verify() {
        refuseLost(status());
    }

    /**
     * What the server was told is never ahead of what we have kept. Where it is, the slot is another one, and begins after changes that
     * nobody has read; where what we have kept is ahead of the whole log, it is another log.
     */
    private void refuseLost(Optional<Status> found) {
        var status = found.orElseThrow(() -> new SlotLostException("there is no slot any more"));
        var read = position();
        if (status.lost()) {
            throw new SlotLostException("PostgreSQL has given the slot up");
        }
        if (status.confirmed() == null || status.confirmed() > read) {
            throw new SlotLostException("the slot was made anew, and begins after what was last read");
        }
        if (read > status.end()) {
            throw new SlotLostException("the log ends before what was last read: the database was restored, or another server has taken its place");
        }
    }

    /** Whether no other bridge has {@linkplain #open opened} it since that epoch. */
    boolean isKeptUnder(long epoch) {
        return own.run(connection -> {
            try (var select = connection.prepareStatement("SELECT NOT EXISTS (SELECT FROM aerodb.bridge_offsets WHERE slot = ? AND epoch > ?)")) {
                select.setString(1, name);
                select.setLong(2, epoch);
                var rows = select.executeQuery();
                return rows.next() && rows.getBoolean(1);
            }
        });
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

    /** @return false if nothing was ever read */
    private boolean claim(long epoch) {
        return own.run(connection -> {
            try (var update = connection.prepareStatement("UPDATE aerodb.bridge_offsets SET epoch = ? WHERE slot = ?")) {
                update.setLong(1, epoch);
                update.setString(2, name);
                return update.executeUpdate() > 0;
            }
        });
    }

    private long position() {
        return own.run(connection -> {
            try (var select = connection.prepareStatement("SELECT value FROM aerodb.bridge_offsets WHERE slot = ?")) {
                select.setString(1, name);
                var rows = select.executeQuery();
                var furthest = 0L;
                while (rows.next()) {
                    furthest = Math.max(furthest, OffsetPosition.of(rows.getBytes(1)));
                }
                return furthest;
            }
        });
    }

    /** Without this a crash before the first offset is kept would pass over what came before it. */
    private void begin(long lsn, long epoch) {
        own.run(connection -> {
            try (var insert = connection.prepareStatement("INSERT INTO aerodb.bridge_offsets (slot, key, value, epoch) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
                insert.setString(1, name);
                insert.setBytes(2, OFFSET_KEY);
                insert.setBytes(3, OffsetPosition.beginning(lsn));
                insert.setLong(4, epoch);
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
