package io.aerodb.functions.worker.database;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.worker.database.wire.MessageWriter;
import io.aerodb.functions.worker.database.wire.PostgresConnection;
import io.aerodb.functions.worker.database.wire.ServerErrorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
    /** What {@code DISCARD ALL} does, but for the plans of statements that have passed the gate: they hold nothing of a caller's. */
    private static final List<String> FORGET_CALLER = List.of("CLOSE ALL", "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL",
            "UNLISTEN *", "SELECT pg_catalog.pg_advisory_unlock_all()", "DISCARD TEMP", "DISCARD SEQUENCES");
    private static final String COMMIT = "aerodb_commit";
    private static final String FORGET = "aerodb_forget_";

    private final PostgresConnection connection;
    private final PreparedTexts prepared = new PreparedTexts();
    private final long openedNanos = System.nanoTime();
    private final int process;
    private final long openedMicros;
    private int unreadGroups;

    private GuestSession(PostgresConnection connection, int process, long openedMicros) {
        this.connection = connection;
        this.process = process;
        this.openedMicros = openedMicros;
    }

    /** What becomes of the transaction that a guest's query has left, and of the session. */
    enum End {
        /** It succeeded and wrote nothing. */
        COMMIT,
        /** It succeeded, wrote, and has been committed. */
        COMMITTED,
        /** It failed. */
        ROLLBACK
    }

    /** @throws IOException if the connection cannot be used for guests, for example because the database is not hardened */
    static GuestSession on(PostgresConnection connection) throws IOException {
        var row = connection.query("SELECT pg_catalog.pg_backend_pid(), (extract(epoch FROM pg_catalog.now()) * 1000000)::bigint").getFirst();
        var session = new GuestSession(connection, Integer.parseInt(value(row, 0)), Long.parseLong(value(row, 1)));
        prepareOwn(connection.messages());
        connection.messages().sync();
        session.unreadGroups = 1;
        connection.send();
        session.readCleaning();
        return session;
    }

    private static String value(List<@Nullable String> row, int index) {
        return Objects.requireNonNull(row.get(index));
    }

    private static void prepareOwn(MessageWriter messages) {
        messages.parse(BEGIN, "BEGIN")
                .parse(ENTER, "SELECT auth.enter($1, $2, $3, $4, $5)")
                .parse(COMMIT, "COMMIT")
                .parse(WROTE, "SELECT pg_catalog.pg_current_xact_id_if_assigned()")
                // has the functions planned that policies call
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
        var messages = connection.messages();
        if (end == End.ROLLBACK) {
            messages.query("ROLLBACK").query("DISCARD ALL");
            unreadGroups += 2;
            prepared.clear();
            prepareOwn(messages);
        } else {
            if (end == End.COMMIT) {
                messages.bind(COMMIT).execute(0);
            }
            for (var i = 0; i < FORGET_CALLER.size(); i++) {
                messages.bind(FORGET + i).execute(0);
            }
            prepared.evicted().forEach(messages::closeStatement);
        }
        messages.sync();
        unreadGroups++;
        connection.send();
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

    /** Adds the call that makes the transaction act for a caller. It answers with one row, whose value is {@code t} if it worked. */
    void enter(Identity caller, ClaimsSigner signer, long timeoutMillis) {
        var microseconds = openedMicros + (System.nanoTime() - openedNanos) / 1000;
        var arguments = new ArrayList<byte @Nullable []>(5);
        for (var argument : signer.sign(caller, process, microseconds)) {
            arguments.add(argument.getBytes(StandardCharsets.US_ASCII));
        }
        arguments.add(Long.toString(timeoutMillis).getBytes(StandardCharsets.US_ASCII));
        connection.messages().bind(ENTER, arguments).execute(0);
    }

    /** Adds the question whether the transaction has written anything: whether the value in the row of the answer is null. */
    void askWrote() {
        connection.messages().bind(WROTE).execute(0);
    }

    /** The only value of a row that answers one of our own statements. */
    static Optional<String> onlyValue(byte[] row) {
        // two bytes for the number of values, four for the length of the first: negative for null
        return row[2] < 0 ? Optional.empty() : Optional.of(new String(row, 6, row.length - 6, StandardCharsets.US_ASCII));
    }
}
