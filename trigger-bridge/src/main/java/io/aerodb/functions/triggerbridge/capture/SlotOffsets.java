package io.aerodb.functions.triggerbridge.capture;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Keeps how far the log has been read in {@code aerodb.bridge_offsets}. Debezium makes it by its name and tells it where that is; it
 * calls it a few times a second at most. What has been kept is answered from memory, as the thread that reads the log asks for it.
 */
public final class SlotOffsets implements OffsetBackingStore {

    static final String URL = "offset.storage.aerodb.url";
    static final String USER = "offset.storage.aerodb.user";
    static final String PASSWORD = "offset.storage.aerodb.password";
    static final String SLOT = "offset.storage.aerodb.slot";
    static final String EPOCH = "offset.storage.aerodb.epoch";

    private static final String UPSERT = """
            INSERT INTO aerodb.bridge_offsets AS kept (slot, key, value, epoch) VALUES (?, ?, ?, ?)
            ON CONFLICT (slot, key) DO UPDATE SET value = excluded.value, epoch = excluded.epoch, updated_at = now()
            WHERE kept.epoch <= excluded.epoch""";

    private final Properties login = new Properties();
    private final Map<ByteBuffer, ByteBuffer> kept = new ConcurrentHashMap<>();
    private String url = "";
    private String slot = "";
    private long epoch;
    private @Nullable Connection connection;

    @Override
    public void configure(WorkerConfig config) {
        var given = config.originalsStrings();
        url = given.get(URL);
        slot = given.get(SLOT);
        epoch = Long.parseLong(given.get(EPOCH));
        login.setProperty("user", given.get(USER));
        login.setProperty("password", given.get(PASSWORD));
        login.setProperty("ApplicationName", "aerofn-bridge-offsets");
        login.setProperty("connectTimeout", "2");
        login.setProperty("socketTimeout", "10");
        login.setProperty("tcpKeepAlive", "true");
    }

    @Override
    public void start() {}

    @Override
    public synchronized void stop() {
        close();
    }

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        return CompletableFuture.completedFuture(kept.keySet().containsAll(keys)
                ? keys.stream().collect(Collectors.toMap(key -> key, key -> kept.get(key).duplicate()))
                : read(keys));
    }

    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, @Nullable Callback<Void> callback) {
        try {
            write(values);
            if (callback != null) {
                callback.onCompletion(null, null);
            }
            return CompletableFuture.completedFuture(null);
        } catch (IllegalStateException e) {
            if (callback != null) {
                callback.onCompletion(e, null);
            }
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }

    private synchronized Map<ByteBuffer, ByteBuffer> read(Collection<ByteBuffer> keys) {
        var found = new HashMap<ByteBuffer, ByteBuffer>();
        try (var select = connection().prepareStatement("SELECT value FROM aerodb.bridge_offsets WHERE slot = ? AND key = ?")) {
            for (var key : keys) {
                select.setString(1, slot);
                select.setBytes(2, bytes(key));
                var rows = select.executeQuery();
                if (rows.next()) {
                    found.put(key, ByteBuffer.wrap(rows.getBytes(1)));
                    kept.put(key.duplicate(), ByteBuffer.wrap(rows.getBytes(1)));
                }
            }
            return found;
        } catch (SQLException e) {
            close();
            throw new IllegalStateException("cannot read how far the log was read", e);
        }
    }

    private synchronized void write(Map<ByteBuffer, ByteBuffer> values) {
        try (var upsert = connection().prepareStatement(UPSERT)) {
            for (var entry : values.entrySet()) {
                upsert.setString(1, slot);
                upsert.setBytes(2, bytes(entry.getKey()));
                upsert.setBytes(3, bytes(entry.getValue()));
                upsert.setLong(4, epoch);
                if (upsert.executeUpdate() == 0) {
                    kept.clear();
                    throw new IllegalStateException("another bridge has taken its turn, and keeps how far the log was read");
                }
                kept.put(entry.getKey().duplicate(), entry.getValue().duplicate());
            }
        } catch (SQLException e) {
            close();
            throw new IllegalStateException("cannot keep how far the log was read", e);
        }
    }

    private Connection connection() throws SQLException {
        if (connection == null || connection.isClosed()) {
            connection = DriverManager.getConnection(url, login);
        }
        return connection;
    }

    private void close() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            // it is gone then
        }
        connection = null;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
