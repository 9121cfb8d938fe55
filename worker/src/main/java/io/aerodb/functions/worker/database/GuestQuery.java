package io.aerodb.functions.worker.database;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.worker.database.QueryAnswer.Failed;
import io.aerodb.functions.worker.database.QueryAnswer.Succeeded;
import io.aerodb.functions.worker.database.wire.MessageReader;
import io.aerodb.functions.worker.database.wire.MessageTooLargeException;
import io.aerodb.functions.worker.database.wire.MessageWriter;
import io.aerodb.functions.worker.database.wire.ServerError;
import io.aerodb.functions.worker.database.wire.ServerErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One guest's statement in a transaction of its own. All of it takes one round trip: begin, the gate for a text that is new, the
 * caller's claims, the statement, and the question whether it wrote. After an error the server passes over the rest. A statement
 * that wrote is committed before it is answered, and only when its whole answer is within bounds; one that only read is answered
 * first.
 */
final class GuestQuery {

    private static final int MAX_DESCRIPTION_BYTES = 1 << 20;
    /** What a row may weigh on the wire beyond its values as JSON: lengths, dropped quotes. */
    private static final int ROW_SLACK_BYTES = 64 << 10;
    private static final String PLAN_IS_OUTDATED = "0A000";

    private final GuestSession session;
    private final MessageWriter messages;
    private final MessageReader in;
    private final StatementGate gate;
    private final TypeCatalog types;
    private final GuestDatabaseSettings limits;
    private final String sql;
    private final long deadlineNanos;

    private PreparedTexts.@Nullable Prepared known;
    private GuestSession.@Nullable End end = GuestSession.End.ROLLBACK;
    private @Nullable ServerError error;
    private ResultRows rows;
    private long rowCount;
    /** Statements of our own whose answers come before the guest's. */
    private int ownBefore;
    private boolean entered;
    private boolean wrote;
    private boolean answered;
    private boolean committing;

    GuestQuery(GuestSession session, StatementGate gate, TypeCatalog types, GuestDatabaseSettings limits, String sql, long deadlineNanos) {
        this.session = session;
        this.messages = session.connection().messages();
        this.in = session.connection().in();
        this.gate = gate;
        this.types = types;
        this.limits = limits;
        this.sql = sql;
        this.deadlineNanos = deadlineNanos;
        this.known = session.prepared().find(sql).orElse(null);
        this.rows = ResultRows.none(limits.maxBytes());
    }

    /** How the session must be cleaned afterwards; null if it is beyond that and has to go. */
    GuestSession.@Nullable End end() {
        return end;
    }

    /** Whether the server has said anything. If not, the session may have been dead for long. */
    boolean wasAnswered() {
        return answered;
    }

    /** Whether a lost connection leaves open what became of the statement. */
    boolean wasCommitting() {
        return committing;
    }

    /** Whether it failed only because the plan that the session kept no longer fits: it can be run again, and has not run yet. */
    boolean hadOutdatedPlan() {
        return known != null && error != null && error.sqlState().equals(PLAN_IS_OUTDATED);
    }

    /** @throws IOException if the connection is lost */
    QueryAnswer run(Identity caller, ClaimsSigner signer, Parameters parameters) throws IOException {
        try {
            session.readCleaning();
            var isNew = !gate.hasPassed(sql);
            begin(isNew, caller, signer);
            var name = prepare(parameters);
            messages.bind(name.name(), parameters.encode(name.parameterTypes() == null ? List.of() : name.parameterTypes()));
            messages.describePortal().execute(limits.maxRows() + 1);
            session.askWrote();
            messages.sync();
            session.connection().send();
            readAnswer();
            if (error == null && isNew) {
                gate.remember(sql);
            }
            return error == null ? conclude(signer, name) : Errors.answer(error, deadlineNanos);
        } catch (InvalidQueryException e) {
            return Failed.of(QueryError.INVALID, e.getMessage());
        } catch (AnswerTooLargeException | MessageTooLargeException e) {
            // the server is still sending, so the connection cannot be kept
            end = null;
            return tooLarge("the answer is larger than " + limits.maxBytes() + " bytes");
        }
    }

    private void begin(boolean isNew, Identity caller, ClaimsSigner signer) {
        session.begin();
        ownBefore = 2;
        if (isNew) {
            messages.parse("", StatementGate.PREPARE + sql).bind("").execute(0).parse("", StatementGate.FORGET).bind("").execute(0);
            ownBefore += 2;
        }
        session.enter(caller, signer, Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime())));
    }

    /** Only JSON arrays need to know what the server infers for {@code $1…}; then that is asked for first, once for each text. */
    private PreparedTexts.Prepared prepare(Parameters parameters) throws IOException {
        var found = known;
        if (found != null && (found.parameterTypes() != null || !parameters.needTypes())) {
            return found;
        }
        var name = found == null ? session.prepared().newName() : found.name();
        if (found == null) {
            messages.parse(name, sql);
        }
        return new PreparedTexts.Prepared(name, parameters.needTypes() ? inferredTypes(name) : null);
    }

    private List<JsonType> inferredTypes(String name) throws IOException {
        messages.describeStatement(name).sync();
        session.connection().send();
        var oids = new ArrayList<Integer>();
        for (var type = next(); type != 'Z'; type = next()) {
            if (type == 't') {
                var body = ByteBuffer.wrap(in.body(MAX_DESCRIPTION_BYTES));
                for (var left = body.getShort() & 0xFFFF; left > 0; left--) {
                    oids.add(body.getInt());
                }
            } else if (type == 'D' || type == 'C') {
                readStatements(type);
            }
        }
        // after an error, what follows will not run either
        return error == null ? types.resolve(oids, session.connection()) : List.of();
    }

    private void readAnswer() throws IOException {
        for (var type = next(); type != 'Z'; type = next()) {
            switch (type) {
                case 'T' -> {
                    rows = ResultRows.described(in.body(MAX_DESCRIPTION_BYTES), limits.maxBytes());
                    if (types.knowsAll(rows.typeOids())) {
                        rows.types(types.resolve(rows.typeOids(), session.connection()));
                    }
                }
                case 'D', 'C', 's' -> readStatements(type);
                case 'G', 'H', 'W' -> throw new IOException("the server wants to copy");
                default -> { }
            }
        }
    }

    /** Rows and ends of statements: first our own, then the guest's, then the question whether it wrote. */
    private void readStatements(char type) throws IOException {
        if (type != 'D') {
            if (ownBefore == 0 && type == 'C') {
                rowCount = countIn(in.body(MAX_DESCRIPTION_BYTES));
            }
            ownBefore--;
        } else if (ownBefore > 0) {
            entered = GuestSession.onlyValue(in.body(MAX_DESCRIPTION_BYTES)).filter("t"::equals).isPresent();
        } else if (ownBefore == 0) {
            rows.add(in.body(limits.maxBytes() + ROW_SLACK_BYTES));
        } else {
            wrote = GuestSession.onlyValue(in.body(MAX_DESCRIPTION_BYTES)).isPresent();
        }
    }

    private char next() throws IOException {
        var type = in.next();
        if (type == 'E') {
            var reported = in.error();
            if (reported.endsConnection()) {
                end = null;
                if (reported.sqlState().startsWith("57P")) {
                    throw new ServerErrorException(reported);
                }
            }
            // what follows an error is only about its consequences
            error = error == null ? reported : error;
        }
        answered = true;
        return type;
    }

    private QueryAnswer conclude(ClaimsSigner signer, PreparedTexts.Prepared prepared) throws IOException {
        if (!entered) {
            return Failed.of(QueryError.UNAVAILABLE, "the database does not accept what the worker signs with its key '" + signer.keyId() + "'");
        }
        var ambiguous = rows.ambiguousName();
        if (ambiguous.isPresent()) {
            return Failed.of(QueryError.INVALID, "two columns are named '" + ambiguous.get() + "': give one another name with AS");
        }
        if (rows.count() > limits.maxRows()) {
            return tooLarge("the answer has more than " + limits.maxRows() + " rows");
        }
        if (!rows.hasTypes()) {
            rows.types(types.resolve(rows.typeOids(), session.connection()));
        }
        var body = rows.finish(rowCount);
        if (wrote && !commit()) {
            return Errors.answer(Objects.requireNonNull(error), deadlineNanos);
        }
        end = wrote ? GuestSession.End.COMMITTED : GuestSession.End.COMMIT;
        session.prepared().keep(sql, prepared);
        return new Succeeded(body);
    }

    /** @return false if a constraint that is checked only now was violated */
    private boolean commit() throws IOException {
        messages.query("COMMIT");
        committing = true;
        session.connection().send();
        while (next() != 'Z') { }
        committing = false;
        return error == null;
    }

    private static Failed tooLarge(String message) {
        return Failed.of(QueryError.TOO_LARGE, message + ": ask for less, for example with LIMIT");
    }

    /** {@code INSERT 0 3}, {@code SELECT 12}: the number is the last word. */
    private static long countIn(byte[] tag) {
        var text = new String(tag, 0, tag.length - 1, StandardCharsets.US_ASCII);
        return Long.parseLong(text.substring(text.lastIndexOf(' ') + 1));
    }
}
