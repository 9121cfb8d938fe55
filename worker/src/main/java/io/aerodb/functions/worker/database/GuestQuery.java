package io.aerodb.functions.worker.database;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.worker.database.QueryAnswer.Failed;
import io.aerodb.functions.worker.database.QueryAnswer.Succeeded;
import io.aerodb.functions.worker.database.wire.MessageReader;
import io.aerodb.functions.worker.database.wire.MessageTooLargeException;
import io.aerodb.functions.worker.database.wire.MessageWriter;
import io.aerodb.functions.worker.database.wire.ServerError;
import io.aerodb.functions.worker.database.wire.ServerErrorException;
import io.aerodb.functions.worker.wasm.HostError;
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
 *
 * <p>A text that has never written goes a shorter way: the transaction is the message group itself, fails if something was written
 * after all, and the cleaning of the session goes along. Having failed so, the text is run again, on the longer way.
 */
final class GuestQuery {

    private static final int MAX_DESCRIPTION_BYTES = 1 << 20;
    /** What a row may weigh on the wire beyond its values as JSON: lengths, dropped quotes. */
    private static final int ROW_SLACK_BYTES = 64 << 10;
    private static final String PLAN_IS_OUTDATED = "0A000";
    private static final String DOES_NOT_ONLY_READ = "22P02";
    /** Where {@link #ownBefore} stands once the guest's statement has ended. */
    private static final int GUEST_ENDED = -1;

    private final GuestSession session;
    private final MessageWriter messages;
    private final MessageReader in;
    private final StatementGate gate;
    private final TypeCatalog types;
    private final GuestDatabaseSettings limits;
    private final String sql;
    /** Null where nothing is traced. What is traced is prepared under its own text, for this once. */
    private final @Nullable TraceContext trace;
    private final long deadlineNanos;

    private PreparedTexts.@Nullable Prepared known;
    private GuestSession.@Nullable End end = GuestSession.End.CLEANED;
    private @Nullable ServerError error;
    private ResultRows rows;
    private long rowCount;
    /** Statements of our own whose answers come before the guest's. */
    private int ownBefore;
    private boolean isSelect;
    private boolean wrote;
    private boolean wroteUnexpectedly;
    private boolean answered;
    private boolean committing;

    GuestQuery(GuestSession session, StatementGate gate, TypeCatalog types, GuestDatabaseSettings limits, String sql,
            @Nullable TraceContext trace, long deadlineNanos) {
        this.session = session;
        this.messages = session.connection().messages();
        this.in = session.connection().in();
        this.gate = gate;
        this.types = types;
        this.limits = limits;
        this.sql = sql;
        this.trace = trace;
        this.deadlineNanos = deadlineNanos;
        this.known = trace == null ? session.prepared().find(sql).orElse(null) : null;
        this.rows = new ResultRows(Columns.NONE, limits.maxBytes());
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

    /** Whether it failed only because a text that has never written does so now: it can be run again, and nothing of it stays. */
    boolean wroteUnexpectedly() {
        return wroteUnexpectedly;
    }

    /** @throws IOException if the connection is lost */
    QueryAnswer run(Identity caller, ClaimsSigner signer, Parameters parameters) throws IOException {
        try {
            session.readCleaning();
            var kind = gate.kindOf(sql);
            var needsTypes = parameters.needTypes() && (known == null || known.parameterTypes() == null);
            if (needsTypes) {
                return readOrWrite(kind, caller, signer, parameters, null);
            }
            // before anything is begun: of values that make no sense the session knows nothing
            var values = encode(parameters, known);
            return kind == StatementGate.Kind.READS ? read(caller, signer, values) : readOrWrite(kind, caller, signer, parameters, values);
        } catch (InvalidQueryException e) {
            return Failed.of(HostError.INVALID, e.getMessage());
        } catch (AnswerTooLargeException | MessageTooLargeException e) {
            // the server is still sending, so the connection cannot be kept
            end = null;
            return tooLarge("the answer is larger than " + limits.maxBytes() + " bytes");
        }
    }

    /** The short way, for a text that has never written. */
    private QueryAnswer read(Identity caller, ClaimsSigner signer, List<byte @Nullable []> values) throws IOException {
        var name = known != null ? known : new PreparedTexts.Prepared(session.prepared().newName(), null, null);
        ownBefore = 1;
        enter(caller, signer);
        if (known == null) {
            messages.parse(name.name(), text());
        }
        run(name, values);
        session.requireOnlyRead();
        messages.sync();
        session.addCleaning();
        session.connection().send();
        readAnswer();
        if (error == null) {
            return conclude(name);
        }
        if (end != null) {
            end = GuestSession.End.ROLLED_BACK;
        }
        wroteUnexpectedly = ownBefore == GUEST_ENDED && error.sqlState().equals(DOES_NOT_ONLY_READ);
        if (wroteUnexpectedly) {
            gate.remember(sql, StatementGate.Kind.WRITES);
        }
        return Errors.answer(error, deadlineNanos);
    }

    /** @param values null where they cannot be encoded before the types are asked for */
    private QueryAnswer readOrWrite(StatementGate.Kind kind, Identity caller, ClaimsSigner signer, Parameters parameters,
            @Nullable List<byte @Nullable []> values) throws IOException, InvalidQueryException {
        end = GuestSession.End.ROLLBACK;
        var isNew = kind == StatementGate.Kind.NEW;
        begin(isNew, caller, signer);
        var name = prepare(parameters);
        run(name, values == null ? encode(parameters, name) : values);
        session.askWrote();
        messages.sync();
        session.connection().send();
        readAnswer();
        if (error != null) {
            return Errors.answer(error, deadlineNanos);
        }
        if (isNew) {
            gate.remember(sql, isSelect && !wrote ? StatementGate.Kind.READS : StatementGate.Kind.WRITES);
        }
        return conclude(name);
    }

    private String text() {
        return trace == null ? sql : TraceComment.after(sql, trace);
    }

    private static List<byte @Nullable []> encode(Parameters parameters, PreparedTexts.@Nullable Prepared prepared) throws InvalidQueryException {
        return parameters.encode(prepared == null || prepared.parameterTypes() == null ? List.of() : prepared.parameterTypes());
    }

    private void run(PreparedTexts.Prepared name, List<byte @Nullable []> values) {
        messages.bind(name.name(), values);
        if (name.columns() == null) {
            messages.describePortal();
        } else {
            expect(name.columns());
        }
        messages.execute(limits.maxRows() + 1);
    }

    private void enter(Identity caller, ClaimsSigner signer) throws IOException {
        session.enter(caller, signer, Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime())));
    }

    private void begin(boolean isNew, Identity caller, ClaimsSigner signer) throws IOException {
        session.begin();
        ownBefore = 2;
        if (isNew) {
            messages.parse("", StatementGate.PREPARE + sql).bind("").execute(0).parse("", StatementGate.FORGET).bind("").execute(0);
            ownBefore += 2;
        }
        enter(caller, signer);
    }

    /** Only JSON arrays need to know what the server infers for {@code $1…}; then that is asked for first, once for each text. */
    private PreparedTexts.Prepared prepare(Parameters parameters) throws IOException {
        var found = known;
        if (found != null && (found.parameterTypes() != null || !parameters.needTypes())) {
            return found;
        }
        var name = found == null ? session.prepared().newName() : found.name();
        if (found == null) {
            messages.parse(name, text());
        }
        return new PreparedTexts.Prepared(name, parameters.needTypes() ? inferredTypes(name) : null, null);
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
                case 'T' -> expect(Columns.described(in.body(MAX_DESCRIPTION_BYTES)));
                case 'D', 'C', 's' -> readStatements(type);
                case 'G', 'H', 'W' -> throw new IOException("the server wants to copy");
                default -> { }
            }
        }
    }

    private void expect(Columns columns) {
        rows = new ResultRows(columns, limits.maxBytes());
        types.find(columns.typeOids()).ifPresent(rows::types);
    }

    /** Rows and ends of statements: first our own, then the guest's, then the question whether it wrote. */
    private void readStatements(char type) throws IOException {
        if (type != 'D') {
            if (ownBefore == 0 && type == 'C') {
                readEnd(in.body(MAX_DESCRIPTION_BYTES));
            }
            ownBefore--;
        } else if (ownBefore == 0) {
            rows.add(in.body(limits.maxBytes() + ROW_SLACK_BYTES));
        } else if (ownBefore == GUEST_ENDED) {
            wrote = GuestSession.firstValue(in.body(MAX_DESCRIPTION_BYTES)).isPresent();
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

    private QueryAnswer conclude(PreparedTexts.Prepared prepared) throws IOException {
        var columns = rows.columns();
        if (trace == null) {
            session.prepared().keep(sql, new PreparedTexts.Prepared(prepared.name(), prepared.parameterTypes(), columns));
        } else {
            session.prepared().drop(prepared.name());
        }
        var ambiguous = columns.ambiguousName();
        if (ambiguous.isPresent()) {
            return Failed.of(HostError.INVALID, "two columns are named '" + ambiguous.get() + "': give one another name with AS");
        }
        if (rows.count() > limits.maxRows()) {
            return tooLarge("the answer has more than " + limits.maxRows() + " rows");
        }
        if (!rows.hasTypes()) {
            session.readCleaning();
            rows.types(types.resolve(columns.typeOids(), session.connection()));
        }
        var body = rows.finish(rowCount);
        if (wrote && !commit()) {
            return Errors.answer(Objects.requireNonNull(error), deadlineNanos);
        }
        if (end == GuestSession.End.ROLLBACK) {
            end = wrote ? GuestSession.End.COMMITTED : GuestSession.End.COMMIT;
        }
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
        return Failed.of(HostError.TOO_LARGE, message + ": ask for less, for example with LIMIT");
    }

    /** {@code INSERT 0 3}, {@code SELECT 12}: the number is the last word. */
    private void readEnd(byte[] tag) {
        var text = new String(tag, 0, tag.length - 1, StandardCharsets.US_ASCII);
        isSelect = text.startsWith("SELECT");
        rowCount = Long.parseLong(text.substring(text.lastIndexOf(' ') + 1));
    }
}
