package io.aerodb.functions.worker.database;

import static io.aerodb.functions.worker.database.GuestTestDatabase.ALICE;
import static io.aerodb.functions.worker.database.GuestTestDatabase.PLENTY;
import static io.aerodb.functions.worker.database.GuestTestDatabase.json;
import static io.aerodb.functions.worker.database.GuestTestDatabase.text;
import static io.aerodb.functions.worker.database.GuestTestDatabase.user;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.aerodb.functions.worker.wasm.HostError;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BoundsIT {

    private static final long MIB = 1 << 20;
    private static final String RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'authenticated' AND state = 'active'"
            + " AND datname = current_database()";

    private static GuestTestDatabase database;
    private static GuestDatabase guests;

    @BeforeAll
    static void open() {
        database = GuestTestDatabase.shared(2);
        database.asOwner("""
                CREATE FUNCTION swallow() RETURNS int LANGUAGE plpgsql AS $$
                BEGIN
                  LOOP
                    BEGIN
                      PERFORM count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b;
                    EXCEPTION WHEN query_canceled THEN
                      NULL;
                    END;
                  END LOOP;
                END $$;
                GRANT EXECUTE ON FUNCTION swallow() TO authenticated;
                """);
        guests = database.open();
    }

    @AfterAll
    static void close() {
        guests.close();
    }

    @Test
    void refusesAHugeValueWithoutHoldingIt() {
        assertEquals(HostError.TOO_LARGE, boundedFailure("SELECT repeat('x', 200000000)").error());
    }

    @Test
    void refusesTenMillionRowsWithoutHoldingThem() {
        assertEquals(HostError.TOO_LARGE, boundedFailure("SELECT i FROM generate_series(1, 10000000) i").error());
    }

    @Test
    void refusesManyBytesInFewRows() {
        assertEquals(HostError.TOO_LARGE, boundedFailure("SELECT repeat('x', 10000) FROM generate_series(1, 9000)").error());
    }

    @Test
    void refusesBytesThatGrowAsJson() {
        assertEquals(HostError.TOO_LARGE, boundedFailure("SELECT repeat(chr(1), 2000000)").error());
    }

    @Test
    void cutsAHugeMessageOfAnError() {
        var failed = boundedFailure("SELECT repeat('x', 50000000)::int");
        assertEquals("22P02", failed.sqlState());
        assertTrue(failed.message().length() < 3000);
    }

    @Test
    void endsARunawayRecursionAtTheDeadline() {
        var failed = failure("WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r", Duration.ofMillis(500));
        assertTrue(failed.error() == HostError.DEADLINE || failed.error() == HostError.TOO_LARGE, failed.toString());
    }

    @Test
    void limitsTemporaryFiles() {
        var failed = failure("SELECT count(*) FROM (SELECT DISTINCT i, repeat('x', 200) FROM generate_series(1, 3000000) i OFFSET 0) x", PLENTY);
        assertEquals(HostError.TOO_LARGE, failed.error(), failed.toString());
    }

    @Test
    void undoesAWriteWhoseAnswerIsTooLarge() {
        assertEquals(HostError.TOO_LARGE, failure("INSERT INTO notes SELECT i, auth.uid() FROM generate_series(100001, 111000) i RETURNING id", PLENTY).error());
        assertTrue(text(guests.query(user(ALICE), "SELECT count(*) AS n FROM notes WHERE id > 100000", json(""), PLENTY)).contains("\"n\":0"));
    }

    @Test
    void endsAQueryThatSwallowsItsCancellation() throws SQLException {
        var start = System.nanoTime();
        var failed = failure("SELECT swallow()", Duration.ofMillis(300));
        var took = Duration.ofNanos(System.nanoTime() - start);
        assertEquals(HostError.DEADLINE, failed.error());
        assertTrue(took.compareTo(Duration.ofSeconds(3)) < 0, took.toString());
        try (var admin = database.database().connectAsAdmin(); var statement = admin.prepareStatement(RUNNING)) {
            await().atMost(Duration.ofSeconds(3)).pollInterval(Duration.ofMillis(20)).until(() -> {
                try (var rows = statement.executeQuery()) {
                    return rows.next() && rows.getInt(1) == 0;
                }
            });
        }
        var gone = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(gone.compareTo(Duration.ofSeconds(4)) < 0, gone.toString());
        assertTrue(text(guests.query(user(ALICE), "SELECT count(*) AS n FROM notes", json(""), PLENTY)).contains("\"n\":50"));
    }

    @Test
    void saysThatACommitWhichNeverEndedMayHaveTakenEffect() {
        database.asOwner("""
                CREATE TABLE slow (id int);
                CREATE FUNCTION swallow_at_commit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM swallow(); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION swallow_at_commit();
                GRANT INSERT ON slow TO authenticated;
                """);
        var failed = failure("INSERT INTO slow VALUES (1)", Duration.ofSeconds(2));
        assertEquals(HostError.DEADLINE, failed.error());
        assertTrue(failed.message().contains("is not known"), failed.message());
    }

    @Test
    void keepsItsConnectionsWhenAQueryRunsOutOfStack() throws InterruptedException {
        // types on types take stack, one after the other
        database.asOwner("""
                DO $$ BEGIN
                  CREATE DOMAIN d0 AS int;
                  FOR i IN 1..4000 LOOP EXECUTE format('CREATE DOMAIN d%s AS d%s', i, i - 1); END LOOP;
                END $$""");
        var ends = new ArrayList<Throwable>();
        for (var i = 0; i < 2; i++) {
            var thread = new Thread(null, () -> guests.query(user(ALICE), "SELECT ARRAY[1::d4000]", json(""), PLENTY), "guest", 256 << 10);
            thread.setUncaughtExceptionHandler((_, end) -> ends.add(end));
            thread.start();
            thread.join();
        }
        assertInstanceOf(StackOverflowError.class, ends.getLast());
        assertInstanceOf(QueryAnswer.Succeeded.class, guests.query(user(ALICE), "SELECT 1", json(""), PLENTY));
    }

    @Test
    void refusesAQueryAfterTheDeadline() {
        assertEquals(HostError.DEADLINE, failure("SELECT 1", Duration.ZERO).error());
    }

    @Test
    void marksAThreadThatIsInterruptedWhileItWaits() {
        Thread.currentThread().interrupt();
        assertEquals(HostError.DEADLINE, failure("SELECT 1", PLENTY).error());
        assertTrue(Thread.interrupted());
    }

    @Test
    void needsLittleStackOnTheGuestsThread() throws InterruptedException {
        var answer = new QueryAnswer[1];
        var thread = new Thread(null, () -> answer[0] = guests.query(user(ALICE),
                "SELECT ARRAY[[1,2],[3,4]] AS a, $1::jsonb AS j, $2::int[] AS i", json("[[[[[{\"a\":[1]}]]]],[1,2]]"), PLENTY), "guest", 256 << 10);
        thread.start();
        thread.join();
        assertInstanceOf(QueryAnswer.Succeeded.class, answer[0]);
    }

    private static QueryAnswer.Failed boundedFailure(String sql) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var before = threads.getCurrentThreadAllocatedBytes();
        var failed = failure(sql, PLENTY);
        var allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 40 * MIB, sql + " took " + allocated / MIB + " MiB");
        return failed;
    }

    private static QueryAnswer.Failed failure(String sql, Duration remaining) {
        return assertInstanceOf(QueryAnswer.Failed.class, guests.query(user(ALICE), sql, json("[]"), remaining));
    }
}
