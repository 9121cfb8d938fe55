package io.aerodb.functions.invocation;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.invocation.Claim.Granted;
import io.aerodb.functions.invocation.Claim.Held;
import io.aerodb.functions.invocation.Claim.Lost;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The table {@code invocation_claims}: which worker runs what. Claims are granted to holders of a lease in {@code instances} only.
 * Methods throw {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away. Thread-safe.
 *
 * <p>Every statement commits by itself. Those that grant and give up wait for others, and take their rows in the order of their
 * ids; so workers that ask for the same invocations at once cannot lock each other out.
 */
public final class InvocationClaims {

    /** A claim of this worker calls an invocation off. */
    public static final String CANCELLED = "cancelled";

    /** A claim of this worker says that the invocation has ended, where the row that said so is gone. */
    static final String OVER = "over";

    /** Claims are needed for longer than an invocation may be tried: without its claim one would run again, even one that was cancelled. */
    public static final Duration SHORTEST_RETENTION = RetryPolicy.LONGEST_AGE.plusDays(1);

    /** What is new, or was scheduled for another attempt. */
    private static final String GRANT = """
            INSERT INTO aerodb.invocation_claims AS c (id, accepted_at, attempt, worker, token)
            SELECT asked.id, asked.accepted_at, asked.attempt, me.name, asked.token
            FROM aerodb.instances me,
                unnest(?::uuid[], ?::timestamptz[], ?::integer[], ?::bigint[]) AS asked (id, accepted_at, attempt, token)
            WHERE me.name = ? AND me.lease_until > clock_timestamp()
            ORDER BY asked.id
            ON CONFLICT (id) DO UPDATE
                SET attempt = excluded.attempt, worker = excluded.worker, token = excluded.token, lost = false, claimed_at = now()
                WHERE c.attempt < excluded.attempt AND c.worker NOT IN ('cancelled', 'over') AND NOT EXISTS (
                    SELECT FROM aerodb.function_invocations f
                    WHERE f.id = c.id AND f.accepted_at = c.accepted_at AND f.status NOT IN ('accepted', 'scheduled'))
            RETURNING id, accepted_at, attempt""";

    /**
     * Who was not there himself for the length of a lease cannot tell the lost from those that could not renew theirs either; and
     * a lease with less than 4 s left is late itself.
     */
    private static final String STANDING = """
            SELECT c.id, c.accepted_at, c.attempt, c.worker, c.token, c.lost,
                EXISTS (SELECT FROM aerodb.instances i WHERE i.name = c.worker AND i.lease_until > clock_timestamp()) AS live,
                EXISTS (SELECT FROM aerodb.instances me WHERE me.name = ? AND me.lease_until > clock_timestamp() + interval '4 s'
                    AND me.renewed_since < clock_timestamp() - interval '10 s') AS can_tell,
                f.status, f.attempt AS ended_attempt, f.finished_at, f.error_code, f.error_message, f.version,
                f.result_topic, f.result_partition, f.result_offset
            FROM aerodb.invocation_claims c
            LEFT JOIN aerodb.function_invocations f ON f.id = c.id AND f.accepted_at = c.accepted_at
            WHERE c.id = ANY (?::uuid[])""";

    /** Who is a moment late, or comes while another one is at it, gets nothing and asks again. */
    private static final String TAKE_OVER = """
            WITH free AS (
                SELECT c.id, taken.attempt, taken.token, taken.lost
                FROM aerodb.invocation_claims c
                JOIN unnest(?::uuid[], ?::text[], ?::integer[], ?::integer[], ?::bigint[], ?::boolean[])
                    AS taken (id, from_worker, from_attempt, attempt, token, lost)
                    ON c.id = taken.id AND c.worker = taken.from_worker AND c.attempt = taken.from_attempt
                FOR UPDATE OF c SKIP LOCKED)
            UPDATE aerodb.invocation_claims c
            SET attempt = free.attempt, worker = ?, token = free.token, lost = free.lost, claimed_at = now()
            FROM free WHERE c.id = free.id
            RETURNING c.id""";

    /** Nobody has a lease of that name, so it is taken over like that of a lost worker; the attempt stays counted. */
    private static final String GIVE_UP = """
            WITH unused AS (
                SELECT c.id FROM aerodb.invocation_claims c
                JOIN unnest(?::uuid[], ?::bigint[]) AS asked (id, token) ON c.id = asked.id AND c.token = asked.token
                WHERE c.worker = ?
                ORDER BY c.id FOR UPDATE OF c)
            UPDATE aerodb.invocation_claims c SET worker = '' FROM unused WHERE c.id = unused.id""";

    private static final String REMOVE = """
            DELETE FROM aerodb.invocation_claims WHERE id IN (
                SELECT id FROM aerodb.invocation_claims WHERE claimed_at < now() - ? * interval '1 ms' LIMIT 10000 FOR UPDATE SKIP LOCKED)""";

    private final Database database;

    public InvocationClaims(Database database) {
        this.database = database;
    }

    private record TakeOver(StandingClaim from, Claim won, long token) {

        int attempt() {
            return won instanceof Granted granted ? granted.attempt() : from.attempt();
        }
    }

    /**
     * Asks for invocations, all of which have different ids.
     *
     * @param worker an instance's name
     * @return one answer for each, in the same order
     */
    public List<Claim> claim(String worker, List<ClaimRequest> requests) {
        return database.run(connection -> {
            var answers = grant(connection, worker, requests);
            var open = requests.stream().filter(request -> !answers.containsKey(request.id())).toList();
            if (!open.isEmpty()) {
                decide(connection, worker, open, answers);
            }
            return requests.stream().map(request -> answers.getOrDefault(request.id(), new Held())).toList();
        });
    }

    /**
     * Gives up what these requests may have been granted, where it has not gone to another one since: who asks next is told as after the
     * loss of a worker.
     *
     * @param worker that asked
     */
    public void giveUp(String worker, Collection<ClaimRequest> requests) {
        database.run(connection -> {
            try (var update = connection.prepareStatement(GIVE_UP)) {
                update.setArray(1, connection.createArrayOf("uuid", requests.stream().map(ClaimRequest::id).toArray()));
                update.setArray(2, connection.createArrayOf("bigint", requests.stream().map(ClaimRequest::token).toArray()));
                update.setString(3, worker);
                return update.executeUpdate();
            }
        });
    }

    /**
     * Part of a statement that removes rows: notes that what they tell of is over, for what asks for it again. Without it a claim would
     * look like one whose end is not recorded yet, which is held back or given to another worker.
     *
     * @param rows a table expression or a name, with the columns {@code id}, {@code accepted_at} and {@code status}
     */
    public static String noteOver(String rows) {
        return """
                UPDATE aerodb.invocation_claims c SET worker = 'over' FROM (
                    SELECT held.id FROM aerodb.invocation_claims held
                    JOIN %s gone ON held.id = gone.id AND held.accepted_at = gone.accepted_at
                    WHERE gone.status NOT IN ('accepted', 'scheduled') AND held.worker NOT IN ('over', 'cancelled')
                    ORDER BY held.id FOR UPDATE OF held) ended
                WHERE c.id = ended.id""".formatted(rows);
    }

    /** Forgets claims that are older; what they were for can then be claimed anew. @return how many */
    public int removeOlderThan(Duration age) {
        var removed = 0;
        for (var more = true; more; ) {
            var now = database.run(connection -> {
                try (var delete = connection.prepareStatement(REMOVE)) {
                    delete.setLong(1, age.toMillis());
                    return delete.executeUpdate();
                }
            });
            removed += now;
            more = now > 0;
        }
        return removed;
    }

    private static Map<UUID, Claim> grant(Connection connection, String worker, List<ClaimRequest> requests) throws SQLException {
        var answers = new HashMap<UUID, Claim>();
        try (var grant = connection.prepareStatement(GRANT)) {
            grant.setArray(1, connection.createArrayOf("uuid", requests.stream().map(ClaimRequest::id).toArray()));
            grant.setArray(2, connection.createArrayOf("text", requests.stream().map(request -> request.acceptedAt().toString()).toArray()));
            grant.setArray(3, connection.createArrayOf("integer", requests.stream().map(ClaimRequest::attempt).toArray()));
            grant.setArray(4, connection.createArrayOf("bigint", requests.stream().map(ClaimRequest::token).toArray()));
            grant.setString(5, worker);
            var granted = grant.executeQuery();
            while (granted.next()) {
                answers.put(granted.getObject("id", UUID.class), new Granted(granted.getInt("attempt"),
                        granted.getObject("accepted_at", OffsetDateTime.class).toInstant()));
            }
        }
        return answers;
    }

    private static void decide(Connection connection, String worker, List<ClaimRequest> open, Map<UUID, Claim> answers) throws SQLException {
        var standing = standing(connection, worker, open);
        var takeOvers = new ArrayList<TakeOver>();
        for (var request : open) {
            var claim = standing.get(request.id());
            if (claim != null) {
                claim.answerTo(request).ifPresentOrElse(
                        answer -> answers.put(request.id(), answer),
                        () -> takeOvers.add(new TakeOver(claim, claim.takenOverBy(request), request.token())));
            }
        }
        if (!takeOvers.isEmpty()) {
            takeOver(connection, worker, takeOvers, answers);
        }
    }

    private static Map<UUID, StandingClaim> standing(Connection connection, String worker, List<ClaimRequest> open) throws SQLException {
        try (var select = connection.prepareStatement(STANDING)) {
            select.setString(1, worker);
            select.setArray(2, connection.createArrayOf("uuid", open.stream().map(ClaimRequest::id).toArray()));
            var rows = select.executeQuery();
            var standing = new HashMap<UUID, StandingClaim>();
            while (rows.next()) {
                var claim = StandingClaim.read(rows);
                standing.put(claim.id(), claim);
            }
            return standing;
        }
    }

    private static void takeOver(Connection connection, String worker, List<TakeOver> takeOvers, Map<UUID, Claim> answers) throws SQLException {
        var won = new HashMap<UUID, Claim>();
        takeOvers.forEach(each -> won.put(each.from().id(), each.won()));
        try (var update = connection.prepareStatement(TAKE_OVER)) {
            update.setArray(1, connection.createArrayOf("uuid", takeOvers.stream().map(each -> each.from().id()).toArray()));
            update.setArray(2, connection.createArrayOf("text", takeOvers.stream().map(each -> each.from().worker()).toArray()));
            update.setArray(3, connection.createArrayOf("integer", takeOvers.stream().map(each -> each.from().attempt()).toArray()));
            update.setArray(4, connection.createArrayOf("integer", takeOvers.stream().map(TakeOver::attempt).toArray()));
            update.setArray(5, connection.createArrayOf("bigint", takeOvers.stream().map(TakeOver::token).toArray()));
            update.setArray(6, connection.createArrayOf("boolean", takeOvers.stream().map(each -> each.won() instanceof Lost).toArray()));
            update.setString(7, worker);
            var taken = update.executeQuery();
            while (taken.next()) {
                var id = taken.getObject("id", UUID.class);
                answers.put(id, won.get(id));
            }
        }
    }
}
