package io.aerodb.functions.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on one PostgreSQL channel on a thread of its own, and comes back by itself after an outage.
 *
 * <p>Notifications sent during an outage are lost, so the listener is told of every new connection and reloads then.
 */
public final class Notifications implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(250);
    /** How long it may take until a connection that broke without a word is missed. */
    private static final int POLL_MILLIS = 500;
    private static final int PATIENCE_SECONDS = 1;

    /** Called on the listening thread; an exception drops the connection and starts over. */
    public interface Listener {
        /** We hear everything from now on. */
        void connected();

        void notified(String payload);

        /** From now on notifications may be missed. */
        void disconnected();
    }

    private final Database database;
    private final String channel;
    private final Listener listener;
    private final Thread thread;
    private boolean lost;
    private volatile boolean closed;

    /** @param channel an SQL identifier */
    public Notifications(Database database, String channel, Listener listener) {
        this.database = database;
        this.channel = channel;
        this.listener = listener;
        this.thread = Thread.ofPlatform().name("listen-" + channel).daemon().unstarted(this::listenUntilClosed);
    }

    public void start() {
        thread.start();
    }

    private void listenUntilClosed() {
        while (!closed) {
            try (var connection = database.dedicatedConnection()) {
                listen(connection);
            } catch (SQLException | RuntimeException | Error e) { // who does not listen must know it
                noteLost(e);
            }
            listener.disconnected();
            try {
                Thread.sleep(RETRY_PAUSE);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void listen(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("LISTEN " + channel);
        }
        listener.connected();
        noteFound();
        var notifications = connection.unwrap(PGConnection.class);
        while (!closed) {
            for (var notification : notifications.getNotifications(POLL_MILLIS)) {
                listener.notified(notification.getParameter());
            }
            if (!connection.isValid(PATIENCE_SECONDS)) {
                throw new SQLException("PostgreSQL does not answer");
            }
        }
    }

    private void noteLost(Throwable reason) {
        if (!closed && !lost) {
            LOG.atWarn().addKeyValue("channel", channel).log("lost the listening connection, will try until there is one: {}", reason.getMessage());
            lost = true;
        }
    }

    private void noteFound() {
        if (lost) {
            LOG.atInfo().addKeyValue("channel", channel).log("listening again");
            lost = false;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
