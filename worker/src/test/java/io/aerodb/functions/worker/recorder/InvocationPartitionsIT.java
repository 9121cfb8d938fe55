package io.aerodb.functions.worker.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.invocation.DeadLetter;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InvocationPartitionsIT {

    private static final Instant TODAY = Instant.parse("2026-03-15T23:59:00Z");
    private static final RetentionSettings RETENTION = new RetentionSettings(Duration.ofDays(7), Duration.ofDays(30), Duration.ofDays(1));

    private Database database;
    private InvocationLog log;

    @BeforeEach
    void start() throws InterruptedException {
        var target = TestPostgres.shared().newDatabase();
        database = new Database(new DatabaseSettings(target.jdbcUrl(), target.user(), new Secret(target.password()), 2), "test", new SimpleMeterRegistry());
        database.migrate();
        log = new InvocationLog(database);
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void makesTodayAndTheNextDays() {
        partitions(TODAY).maintain();
        partitions(TODAY).maintain();
        assertTrue(tables().containsAll(List.of("function_invocations_20260315", "function_invocations_20260316", "function_invocations_20260318")), tables()::toString);
    }

    @Test
    void removesSuccessesAfterAWeekAndEverythingAfterAMonth() {
        partitions(TODAY).maintain();
        log.append(List.of(ended("succeeded", TODAY), ended("failed", TODAY)));

        partitions(TODAY.plus(Duration.ofDays(7))).maintain();
        assertEquals(2, rows());
        partitions(TODAY.plus(Duration.ofDays(8))).maintain();
        assertEquals(1, rows());
        partitions(TODAY.plus(Duration.ofDays(30))).maintain();
        assertEquals(1, rows());
        partitions(TODAY.plus(Duration.ofDays(31))).maintain();
        assertEquals(0, rows());
        assertFalse(tables().contains("function_invocations_20260315"));
    }

    @Test
    void takesNothingForASuccessThatIsNone() {
        partitions(TODAY).maintain();
        var statuses = List.of("accepted", "scheduled", "failed", "cancelled", "dead_lettered", "replayed");
        log.append(statuses.stream().map(status -> ended(status, TODAY)).toList());
        partitions(TODAY.plus(Duration.ofDays(30))).maintain();
        assertEquals(statuses.size(), rows());
    }

    @Test
    void removesLeftovers() {
        var list = new DeadLetterList(database);
        list.append(List.of(letter(1, TODAY.minus(Duration.ofDays(31))), letter(2, TODAY.minus(Duration.ofDays(29)))));
        database.run(connection -> {
            try (var statement = connection.createStatement()) {
                statement.execute("INSERT INTO aerodb.instances VALUES ('gone', 'worker', now() - interval '2 days'), ('here', 'worker', now())");
                return statement.execute("""
                        INSERT INTO aerodb.idempotency_keys
                        VALUES ('a', 'a', gen_random_uuid(), now(), now(), now() - interval '1 second'),
                               ('b', 'b', gen_random_uuid(), now(), now(), now() + interval '1 hour')""");
            }
        });
        new Leftovers(database, Clock.fixed(TODAY, ZoneOffset.UTC)).remove();
        assertEquals(List.of("2"), column("SELECT letter_offset FROM aerodb.dead_letters"));
        assertEquals(List.of("here"), column("SELECT name FROM aerodb.instances"));
        assertEquals(List.of("b"), column("SELECT convert_from(key, 'UTF8') FROM aerodb.idempotency_keys"));
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
        partitions(TODAY).maintain();
        assertEquals(List.of("aerodb.function_invocations_20260315", "aerodb.function_invocations_20260316"),
                column("SELECT tableoid::regclass::text FROM aerodb.function_invocations ORDER BY accepted_at"));
        log.append(List.of(ended("succeeded", TODAY)));
        assertEquals(3, rows());
    }

    @Test
    void removesOldRowsThatNeverHadAPartition() {
        log.append(List.of(ended("failed", TODAY.minus(Duration.ofDays(31)))));
        partitions(TODAY).maintain();
        assertEquals(0, rows());
    }

    private InvocationPartitions partitions(Instant now) {
        return new InvocationPartitions(database, RETENTION, Clock.fixed(now, ZoneOffset.UTC));
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
