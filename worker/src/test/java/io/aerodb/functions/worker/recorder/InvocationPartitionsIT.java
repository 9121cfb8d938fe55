package io.aerodb.functions.worker.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.invocation.Claim;
import io.aerodb.functions.invocation.ClaimRequest;
import io.aerodb.functions.invocation.DeadLetter;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationClaims;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InvocationPartitionsIT {

    private static final Instant TODAY = Instant.parse("2026-03-15T23:59:00Z");
    private static final LocalDate DAY = LocalDate.of(2026, 3, 15);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final RetentionSettings RETENTION = new RetentionSettings(Duration.ofDays(7), Duration.ofDays(30), Duration.ofDays(8));

    private Database database;
    private InvocationLog log;
    private InvocationPartitions partitions;

    @BeforeEach
    void start() throws InterruptedException {
        var target = TestPostgres.shared().newDatabase();
        database = new Database(new DatabaseSettings(target.jdbcUrl(), target.user(), new Secret(target.password()), 4), "test", new SimpleMeterRegistry());
        database.migrate();
        log = new InvocationLog(database);
        partitions = new InvocationPartitions(database, RETENTION);
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void makesTodayAndTheNextDays() {
        partitions.makeAhead(DAY);
        partitions.makeAhead(DAY);
        assertTrue(tables().containsAll(List.of("function_invocations_20260315", "function_invocations_20260316", "function_invocations_20260318")), tables()::toString);
    }

    @Test
    void removesSuccessesAfterAWeekAndEverythingAfterAMonth() {
        partitions.makeAhead(DAY);
        log.append(List.of(ended("succeeded", TODAY), ended("failed", TODAY)));

        maintain(DAY.plusDays(7));
        assertEquals(2, rows());
        maintain(DAY.plusDays(8));
        assertEquals(1, rows());
        maintain(DAY.plusDays(30));
        assertEquals(1, rows());
        maintain(DAY.plusDays(31));
        assertEquals(0, rows());
        assertFalse(tables().contains("function_invocations_20260315"));
    }

    @Test
    void takesNothingForASuccessThatIsNone() {
        partitions.makeAhead(DAY);
        var statuses = List.of("accepted", "scheduled", "failed", "cancelled", "dead_lettered", "replayed");
        log.append(statuses.stream().map(status -> ended(status, TODAY)).toList());
        maintain(DAY.plusDays(30));
        assertEquals(statuses.size(), rows());
    }

    @Test
    void removesManySuccessesInBatches() {
        partitions.makeAhead(DAY);
        log.append(List.of(ended("succeeded", TODAY), ended("failed", TODAY)));
        execute("""
                INSERT INTO aerodb.function_invocations (id, accepted_at, function_id, function, version, trigger, status, role, attempt,
                    queue_ms, duration_ms, memory_peak, log, log_truncated, request_topic, request_partition, request_offset, worker)
                SELECT gen_random_uuid(), accepted_at, function_id, function, version, trigger, status, role, attempt, 0, 0, 0, '[]', false, 't', 0, 0, 'w'
                FROM aerodb.function_invocations, generate_series(1, 25000) WHERE status = 'succeeded'""");
        partitions.removeSuccesses(DAY.plusDays(8));
        assertEquals(1, rows());
    }

    @Test
    void letsNothingRunAgainWhoseRowIsGone() {
        partitions.makeAhead(DAY);
        var removed = ended("succeeded", TODAY);
        var dropped = ended("failed", TODAY);
        var cancelled = ended("cancelled", TODAY);
        var waiting = ended("scheduled", TODAY);
        var outside = ended("succeeded", TODAY.minus(Duration.ofDays(40)));
        var all = List.of(removed, dropped, cancelled, waiting, outside);
        log.append(all);
        execute("INSERT INTO aerodb.invocation_claims SELECT id, accepted_at, 1, CASE status WHEN 'cancelled' THEN status ELSE 'lost' END FROM aerodb.function_invocations");
        execute("INSERT INTO aerodb.instances (name, service, lease_until, renewed_since) VALUES ('w', 'worker', now() + interval '1 h', now() - interval '1 h')");

        maintain(DAY.plusDays(8));
        assertEquals(List.of(removed.id(), outside.id()).stream().sorted().toList(), over(all));
        maintain(DAY.plusDays(31));
        assertEquals(List.of(removed.id(), outside.id(), dropped.id(), cancelled.id()).stream().sorted().toList(), over(all));
    }

    /** Asks for what was accepted again. @return what there is nothing left to run of, because its row is gone or it was called off */
    private List<UUID> over(List<InvocationEntry> entries) {
        var claims = new InvocationClaims(database);
        return entries.stream().filter(entry -> column("SELECT id::text FROM aerodb.function_invocations WHERE id = '" + entry.id() + "'").isEmpty())
                .filter(entry -> claims.claim("w", List.of(new ClaimRequest(entry.id(), TODAY.plus(Duration.ofDays(40)), 1, 5))).getFirst() instanceof Claim.Over)
                .map(InvocationEntry::id).sorted().toList();
    }

    /** Searches lock the table first and the default partition later. */
    @Test
    void locksNobodyOut() throws Exception {
        partitions.makeAhead(DAY);
        var maintenance = database.inTransaction(search -> {
            execute(search, "LOCK TABLE ONLY aerodb.function_invocations IN ACCESS SHARE MODE");
            var maintained = CompletableFuture.supplyAsync(() -> refusal(() -> maintain(DAY.plusDays(31))));
            Awaitility.await().atMost(PATIENCE)
                    .until(() -> maintained.isDone() || !column("SELECT pid::text FROM pg_locks WHERE NOT granted").isEmpty());
            execute(search, "LOCK TABLE aerodb.function_invocations_default IN ACCESS SHARE MODE");
            return maintained;
        });
        assertTrue(List.of("", "55P03").contains(maintenance.get()), "it may only have waited for long enough, not " + maintenance.get());
        maintain(DAY.plusDays(31));
        assertFalse(tables().contains("function_invocations_20260315"));
        assertTrue(tables().contains("function_invocations_20260418"));
    }

    @Test
    void goesByTheClockOfPostgres() {
        assertEquals(column("SELECT ((now() AT TIME ZONE 'UTC')::date)::text"), List.of(partitions.today().toString()));
    }

    @Test
    void goesOnWithTheNextStepWhenOneFails() {
        new DeadLetterList(database).append(List.of(letter(1, Instant.now().minus(Duration.ofDays(31))), letter(2, Instant.now().minus(Duration.ofDays(29)))));
        execute("INSERT INTO aerodb.invocation_claims VALUES (gen_random_uuid(), now(), 1, 'old', now() - interval '9 days'), (gen_random_uuid(), now(), 1, 'new', now())");
        execute("ALTER TABLE aerodb.function_invocations RENAME TO elsewhere");
        try (var retention = new Retention(database, RETENTION)) {
            retention.maintain();
        }
        assertEquals(List.of("2"), column("SELECT letter_offset FROM aerodb.dead_letters"));
        assertEquals(List.of("new"), column("SELECT worker FROM aerodb.invocation_claims"));
    }

    private static DeadLetter letter(long offset, Instant at) {
        return new DeadLetter(new RecordPosition("functions.dead-letters", 0, offset), at, "why", 0, null, null, null, new RecordPosition("t", 0, 0), null);
    }

    @Test
    void takesARowOfADayThatHasNoPartition() {
        log.append(List.of(ended("succeeded", TODAY)));
        assertEquals(1, rows());
    }

    @Test
    void movesRowsThatCameBeforeTheirPartition() {
        log.append(List.of(ended("succeeded", TODAY), ended("failed", TODAY.plus(Duration.ofDays(1)))));
        partitions.makeAhead(DAY);
        assertEquals(List.of("aerodb.function_invocations_20260315", "aerodb.function_invocations_20260316"),
                column("SELECT tableoid::regclass::text FROM aerodb.function_invocations ORDER BY accepted_at"));
        log.append(List.of(ended("succeeded", TODAY)));
        assertEquals(3, rows());
    }

    @Test
    void removesOldRowsThatNeverHadAPartition() {
        log.append(List.of(ended("failed", TODAY.minus(Duration.ofDays(31)))));
        partitions.dropOld(DAY);
        assertEquals(0, rows());
    }

    /** @return the SQLSTATE, empty if nothing was refused */
    private static String refusal(Runnable step) {
        try {
            step.run();
            return "";
        } catch (DatabaseException e) {
            return e.sqlState();
        }
    }

    private void maintain(LocalDate today) {
        partitions.makeAhead(today);
        partitions.dropOld(today);
        partitions.removeSuccesses(today);
    }

    private void execute(String sql) {
        database.run(connection -> {
            execute(connection, sql);
            return sql;
        });
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private int rows() {
        return column("SELECT id::text FROM aerodb.function_invocations").size();
    }

    private List<String> tables() {
        return column("SELECT relname FROM pg_class WHERE relname LIKE 'function_invocations_2%' AND relkind = 'r'");
    }

    private List<String> column(String sql) {
        return database.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
                var values = new ArrayList<String>();
                while (rows.next()) {
                    values.add(rows.getString(1));
                }
                return values;
            }
        });
    }

    private static InvocationEntry ended(String status, Instant at) {
        return new InvocationEntry(UUID.randomUUID(), UUID.randomUUID(), "hello", 1, "http", status, null, null, "anon", null, null, 1,
                at, at, at, 1, 1, 1, List.of(), false, new RecordPosition("functions.invoke", 0, 0), "test");
    }
}
