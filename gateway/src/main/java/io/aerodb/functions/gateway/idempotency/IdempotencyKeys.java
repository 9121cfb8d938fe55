package io.aerodb.functions.gateway.idempotency;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.InvocationId;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

/**
 * The table {@code idempotency_keys}: which invocation a key stands for. Methods block, and throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
public final class IdempotencyKeys {

    /** How long a key stands for the same invocation. */
    public static final Duration WINDOW = Duration.ofHours(24);

    /** A key that is there stays as it is, unless its time is over: then it is as good as new. */
    private static final String HOLD = """
            INSERT INTO aerodb.idempotency_keys AS held (key, request_hash, invocation, accepted_at, deadline, expires_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET
                request_hash = CASE WHEN held.expires_at <= excluded.accepted_at THEN excluded.request_hash ELSE held.request_hash END,
                invocation = CASE WHEN held.expires_at <= excluded.accepted_at THEN excluded.invocation ELSE held.invocation END,
                accepted_at = CASE WHEN held.expires_at <= excluded.accepted_at THEN excluded.accepted_at ELSE held.accepted_at END,
                deadline = CASE WHEN held.expires_at <= excluded.accepted_at THEN excluded.deadline ELSE held.deadline END,
                expires_at = CASE WHEN held.expires_at <= excluded.accepted_at THEN excluded.expires_at ELSE held.expires_at END
            RETURNING request_hash, invocation, accepted_at, deadline""";

    private static final String RENEW = "UPDATE aerodb.idempotency_keys SET deadline = ? WHERE key = ? AND invocation = ? AND deadline = ?";
    private static final String REPLACE = """
            UPDATE aerodb.idempotency_keys SET invocation = ?, accepted_at = ?, deadline = ?, expires_at = ?
            WHERE key = ? AND invocation = ? AND deadline = ?""";
    private static final String DOUBT = "UPDATE aerodb.idempotency_keys SET deadline = accepted_at WHERE key = ? AND invocation = ?";
    private static final String REMOVE_EXPIRED = """
            DELETE FROM aerodb.idempotency_keys WHERE key IN (
                SELECT key FROM aerodb.idempotency_keys WHERE expires_at <= now() ORDER BY expires_at LIMIT ?)""";
    static final int REMOVED_AT_ONCE = 10_000;

    private final Database database;

    public IdempotencyKeys(Database database) {
        this.database = database;
    }

    /**
     * A key as it stands.
     *
     * @param deadline after this, an invocation of which nothing has been heard may have been lost before it got to the log
     */
    record Holding(byte[] requestHash, InvocationId invocation, Instant acceptedAt, Instant deadline) {}

    /** Makes a key stand for this invocation, unless it stands for one already: that one is returned then. */
    Holding hold(byte[] key, Holding wanted) {
        return database.run(connection -> {
            try (var insert = connection.prepareStatement(HOLD)) {
                insert.setBytes(1, key);
                insert.setBytes(2, wanted.requestHash());
                insert.setObject(3, wanted.invocation().value());
                insert.setObject(4, utc(wanted.acceptedAt()));
                insert.setObject(5, utc(wanted.deadline()));
                insert.setObject(6, utc(wanted.acceptedAt().plus(WINDOW)));
                var rows = insert.executeQuery();
                if (!rows.next()) {
                    throw new SQLException("a key was neither added nor found");
                }
                return new Holding(rows.getBytes(1), new InvocationId(rows.getObject(2, UUID.class)),
                        rows.getObject(3, OffsetDateTime.class).toInstant(), rows.getObject(4, OffsetDateTime.class).toInstant());
            }
        });
    }

    /** Takes it on oneself to put the same invocation on the log again. @return false if somebody else was faster */
    boolean renew(byte[] key, Holding held, Instant deadline) {
        return database.run(connection -> {
            try (var update = connection.prepareStatement(RENEW)) {
                update.setObject(1, utc(deadline));
                update.setBytes(2, key);
                update.setObject(3, held.invocation().value());
                update.setObject(4, utc(held.deadline()));
                return update.executeUpdate() == 1;
            }
        });
    }

    /** Makes the key stand for another invocation, because the one before never ran. @return false if somebody else was faster */
    boolean replace(byte[] key, Holding held, Holding wanted) {
        return database.run(connection -> {
            try (var update = connection.prepareStatement(REPLACE)) {
                update.setObject(1, wanted.invocation().value());
                update.setObject(2, utc(wanted.acceptedAt()));
                update.setObject(3, utc(wanted.deadline()));
                update.setObject(4, utc(wanted.acceptedAt().plus(WINDOW)));
                update.setBytes(5, key);
                update.setObject(6, held.invocation().value());
                update.setObject(7, utc(held.deadline()));
                return update.executeUpdate() == 1;
            }
        });
    }

    /** From now on, nobody has to wait for what may have been lost. @return whether the key stands for it */
    boolean doubt(byte[] key, InvocationId invocation) {
        return database.run(connection -> {
            try (var update = connection.prepareStatement(DOUBT)) {
                update.setBytes(1, key);
                update.setObject(2, invocation.value());
                return update.executeUpdate() == 1;
            }
        });
    }

    /** Whether another worker than this one may have run it. */
    boolean isClaimedByOther(InvocationId invocation, String worker) {
        return database.run(connection -> {
            try (var select = connection.prepareStatement("SELECT FROM aerodb.invocation_claims WHERE id = ? AND worker <> ?")) {
                select.setObject(1, invocation.value());
                select.setString(2, worker);
                return select.executeQuery().next();
            }
        });
    }

    /** Removes up to {@link #REMOVED_AT_ONCE} of those whose time is over. @return how many */
    int removeExpired() {
        return database.run(connection -> {
            try (var delete = connection.prepareStatement(REMOVE_EXPIRED)) {
                delete.setInt(1, REMOVED_AT_ONCE);
                return delete.executeUpdate();
            }
        });
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
