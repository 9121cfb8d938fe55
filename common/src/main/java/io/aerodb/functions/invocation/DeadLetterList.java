package io.aerodb.functions.invocation;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.kafka.Topics;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code dead_letters}: what stands on the topic of that name, as a list. Methods throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
public final class DeadLetterList {

    private static final int MAX_REASON_LENGTH = 2000;

    private static final String INSERT = """
            INSERT INTO aerodb.dead_letters (letter_partition, letter_offset, created_at, reason, attempts, invocation, accepted_at, function,
                source_topic, source_partition, source_offset)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (letter_partition, letter_offset) DO NOTHING""";

    private static final String REMOVE = """
            DELETE FROM aerodb.dead_letters WHERE (letter_partition, letter_offset) IN (
                SELECT letter_partition, letter_offset FROM aerodb.dead_letters WHERE created_at < now() - ? * interval '1 ms'
                LIMIT 10000 FOR UPDATE SKIP LOCKED)""";

    private final Database database;

    public DeadLetterList(Database database) {
        this.database = database;
    }

    /**
     * A page of the list; null is any.
     *
     * @param after the last letter of the page before, or null for the first page
     * @param limit letters at most
     */
    public record Search(@Nullable FunctionName function, @Nullable Cursor after, int limit) {}

    /** Where a page ended. */
    public record Cursor(Instant createdAt, int partition, long offset) {

        public static Cursor at(DeadLetter letter) {
            return new Cursor(letter.createdAt(), letter.position().partition(), letter.position().offset());
        }
    }

    /** Adds letters in one transaction; those that are there already stay as they are. Long reasons are cut. */
    public void append(List<DeadLetter> letters) {
        database.inTransaction(connection -> {
            try (var insert = connection.prepareStatement(INSERT)) {
                for (var letter : letters) {
                    var values = new Object[] {
                        letter.position().partition(), letter.position().offset(), utc(letter.createdAt()), reason(letter), letter.attempts(),
                        letter.invocation() == null ? null : letter.invocation().value(),
                        letter.acceptedAt() == null ? null : utc(letter.acceptedAt()),
                        StorableText.ofNullable(letter.function()),
                        StorableText.of(letter.source().topic()), letter.source().partition(), letter.source().offset()
                    };
                    for (var i = 0; i < values.length; i++) {
                        insert.setObject(i + 1, values[i]);
                    }
                    insert.addBatch();
                }
                return insert.executeBatch().length;
            }
        });
    }

    /** Newest first. */
    public List<DeadLetter> search(Search search) {
        var sql = new StringBuilder("SELECT * FROM aerodb.dead_letters WHERE true");
        var parameters = new ArrayList<>();
        if (search.function() != null) {
            sql.append(" AND function = ?");
            parameters.add(search.function().value());
        }
        if (search.after() != null) {
            sql.append(" AND (created_at, letter_partition, letter_offset) < (?, ?, ?)");
            parameters.addAll(List.of(utc(search.after().createdAt()), search.after().partition(), search.after().offset()));
        }
        sql.append(" ORDER BY created_at DESC, letter_partition DESC, letter_offset DESC LIMIT ?");
        parameters.add(search.limit());
        return select(sql.toString(), parameters);
    }

    public Optional<DeadLetter> find(int partition, long offset) {
        return select("SELECT * FROM aerodb.dead_letters WHERE letter_partition = ? AND letter_offset = ?", List.of(partition, offset))
                .stream().findFirst();
    }

    /** The last one of this invocation. */
    public Optional<DeadLetter> find(InvocationId invocation) {
        return select("SELECT * FROM aerodb.dead_letters WHERE invocation = ? ORDER BY created_at DESC, letter_offset DESC LIMIT 1",
                List.of(invocation.value())).stream().findFirst();
    }

    /** Takes a letter off the list; on the log it stays until its time is over. @return whether it was there */
    public boolean discard(int partition, long offset) {
        return update("DELETE FROM aerodb.dead_letters WHERE letter_partition = ? AND letter_offset = ?", List.of(partition, offset)) > 0;
    }

    /** By PostgreSQL's clock. @return how many letters were removed */
    public int removeOlderThan(Duration age) {
        var removed = 0;
        for (var more = true; more; ) {
            var now = update(REMOVE, List.of(age.toMillis()));
            removed += now;
            more = now > 0;
        }
        return removed;
    }

    private int update(String sql, List<?> parameters) {
        return database.run(connection -> {
            try (var update = connection.prepareStatement(sql)) {
                for (var i = 0; i < parameters.size(); i++) {
                    update.setObject(i + 1, parameters.get(i));
                }
                return update.executeUpdate();
            }
        });
    }

    private List<DeadLetter> select(String sql, List<?> parameters) {
        return database.run(connection -> {
            try (var select = connection.prepareStatement(sql)) {
                for (var i = 0; i < parameters.size(); i++) {
                    select.setObject(i + 1, parameters.get(i));
                }
                var rows = select.executeQuery();
                var letters = new ArrayList<DeadLetter>();
                while (rows.next()) {
                    letters.add(letter(rows));
                }
                return letters;
            }
        });
    }

    private static DeadLetter letter(ResultSet row) throws SQLException {
        var invocation = row.getObject("invocation", UUID.class);
        var acceptedAt = row.getObject("accepted_at", OffsetDateTime.class);
        var replayedAs = row.getObject("replayed_as", UUID.class);
        return new DeadLetter(
                new RecordPosition(Topics.DEAD_LETTERS, row.getInt("letter_partition"), row.getLong("letter_offset")),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("reason"),
                row.getInt("attempts"),
                invocation == null ? null : new InvocationId(invocation),
                acceptedAt == null ? null : acceptedAt.toInstant(),
                row.getString("function"),
                new RecordPosition(row.getString("source_topic"), row.getInt("source_partition"), row.getLong("source_offset")),
                replayedAs == null ? null : new InvocationId(replayedAs));
    }

    private static String reason(DeadLetter letter) {
        var reason = StorableText.of(letter.reason());
        return reason.length() <= MAX_REASON_LENGTH ? reason : reason.substring(0, MAX_REASON_LENGTH) + "…";
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
