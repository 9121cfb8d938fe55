package io.aerodb.functions.worker.database;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.worker.database.wire.PostgresConnection;
import io.aerodb.functions.worker.database.wire.ServerErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session that one guest's query after another uses. Between two of them it is made clean: the messages for that are sent by
 * whoever has finished and answered by the server while nobody waits; the next user reads the answers, and uses the session only
 * if all of them are good. Belongs to one thread at a time.
 */
final class GuestSession {

    private static final String BEGIN = "aerodb_begin";
    private static final String ENTER = "aerodb_enter";
    private static final String WROTE = "aerodb_wrote";
    private static final String ONLY_READ = "aerodb_only_read";
    private static final String COMMIT = "aerodb_commit";
    private static final String DISCARD_TEMP = "aerodb_discard_temp";
    private static final String FORGET = "aerodb_forget_";
    /**
     * What {@code DISCARD ALL} does, but for the plans of statements that have passed the gate, which hold nothing of a caller's, and
     * for temporary tables, which nobody makes without writing. Then a challenge for the next caller.
     */
    private static final List<String> FORGET_CALLER = List.of("CLOSE ALL", "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL",
            "UNLISTEN *", "DISCARD SEQUENCES", "SELECT auth.challenge(), pg_catalog.pg_advisory_unlock_all()");
    private static final int MAX_OWN_ROW_BYTES = 1024;

    private final PostgresConnection connection;
    private final PreparedTexts prepared = new PreparedTexts();
    private final long openedNanos = System.nanoTime();
    private @Nullable Long challenge;
    private int unreadGroups;

    private GuestSession(PostgresConnection connection) {
        this.connection = connection;
    }

    /** What becomes of the transaction that a guest's query has left, and of the session. */
    enum End {
        /** It succeeded and wrote nothing. */
        COMMIT,
        /** It succeeded, wrote, and has been committed. */
        COMMITTED,
        /** It failed. */
        ROLLBACK,
        /** It failed and has ended. */
        ROLLED_BACK,
        /** It has ended, and the server cleans the session already. */
        CLEANED
    }

    /** @throws IOException if the connection cannot be used for guests, for example because the database is not hardened */
    static GuestSession on(PostgresConnection connection) throws IOException {
        var session = new GuestSession(connection);
        session.prepareOwn();
        session.addCleaning();
        connection.send();
        session.readCleaning();
        return session;
    }

    private void prepareOwn() {
        var messages = connection.messages()
                .parse(BEGIN, "BEGIN")
                .parse(ENTER, "SELECT auth.enter($1, $2)")
                .parse(COMMIT, "COMMIT")
                .parse(DISCARD_TEMP, "DISCARD TEMP")
                .parse(WROTE, "SELECT pg_catalog.pg_current_xact_id_if_assigned()")
                .parse(ONLY_READ, "SELECT ('writes, has only read so far: ' || pg_catalog.pg_current_xact_id_if_assigned())::int")
                // has the function compiled that policies call
                .parse("", "SELECT auth.jwt()").bind("").execute(0);
        for (var i = 0; i < FORGET_CALLER.size(); i++) {
            messages.parse(FORGET + i, FORGET_CALLER.get(i));
        }
    }

    PostgresConnection connection() {
        return connection;
    }

    /** The statements that are prepared here. */
    PreparedTexts prepared() {
        return prepared;
    }

    long ageNanos() {
        return System.nanoTime() - openedNanos;
    }

    /** Ends the transaction and forgets everything that could reach the next user, without waiting for the server. */
    void clean(End end) throws IOException {
        switch (end) {
            case CLEANED -> {
                return;
            }
            case COMMIT -> connection.messages().bind(COMMIT).execute(0).bind(DISCARD_TEMP).execute(0);
            case COMMITTED -> connection.messages().bind(DISCARD_TEMP).execute(0);
            case ROLLBACK -> {
                addQuery("ROLLBACK");
                discardAll();
            }
            case ROLLED_BACK -> discardAll();
        }
        addCleaning();
        connection.send();
    }

    private void discardAll() {
        addQuery("DISCARD ALL");
        prepared.clear();
        prepareOwn();
    }

    private void addQuery(String sql) {
        connection.messages().query(sql);
        unreadGroups++;
    }

    /** Adds the cleaning of a session whose transaction ends well and has not written. It is a group of its own. */
    void addCleaning() {
        for (var i = 0; i < FORGET_CALLER.size(); i++) {
            connection.messages().bind(FORGET + i).execute(0);
        }
        prepared.evicted().forEach(connection.messages()::closeStatement);
        connection.messages().sync();
        unreadGroups++;
    }

    /** @throws IOException if the last user's traces could not be removed, or the server has taken its leave meanwhile */
    void readCleaning() throws IOException {
        while (unreadGroups > 0) {
            switch (connection.in().next()) {
                case 'Z' -> {
                    if (connection.in().body(1)[0] != 'I') {
                        throw new IOException("the last transaction did not end");
                    }
                    unreadGroups--;
                }
                // the one value that any of our statements for cleaning gives
                case 'D' -> firstValue(connection.in().body(MAX_OWN_ROW_BYTES)).ifPresent(value -> challenge = Long.valueOf(value));
                case 'E' -> throw new ServerErrorException(connection.in().error());
                default -> { }
            }
        }
        if (connection.in().hasMore()) {
            throw new IOException("the server has ended the session");
        }
    }

    /** Adds the beginning of a transaction to what will be sent. */
    void begin() {
        connection.messages().bind(BEGIN).execute(0);
    }

    /**
     * Adds the call that makes the transaction act for a caller. It answers with one row.
     *
     * @throws IOException if the session has had a caller since it was cleaned
     */
    void enter(Identity caller, ClaimsSigner signer, long timeoutMillis) throws IOException {
        if (challenge == null) {
            throw new IOException("the database gave no challenge");
        }
        var context = signer.sign(caller, challenge);
        challenge = null;
        connection.messages().bind(ENTER, List.of(ascii(context), ascii(Long.toString(timeoutMillis)))).execute(0);
    }

    /** Adds the question whether the transaction has written anything: whether the value in the row of the answer is null. */
    void askWrote() {
        connection.messages().bind(WROTE).execute(0);
    }

    /** Adds what makes the transaction fail if it has written anything. */
    void requireOnlyRead() {
        connection.messages().bind(ONLY_READ).execute(0);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The first value of a row that answers one of our own statements. */
    static Optional<String> firstValue(byte[] row) {
        // two bytes for the number of values, four for the length of the first: negative for null
        var length = ByteBuffer.wrap(row).getInt(2);
        return length < 0 ? Optional.empty() : Optional.of(new String(row, 6, length, StandardCharsets.US_ASCII));
    }
}
