package io.aerodb.functions.worker.database;

import static io.aerodb.functions.worker.database.GuestTestDatabase.ALICE;
import static io.aerodb.functions.worker.database.GuestTestDatabase.BOB;
import static io.aerodb.functions.worker.database.GuestTestDatabase.PLENTY;
import static io.aerodb.functions.worker.database.GuestTestDatabase.json;
import static io.aerodb.functions.worker.database.GuestTestDatabase.text;
import static io.aerodb.functions.worker.database.GuestTestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What functions of the application leave in a session, on the long way and on the short one, and texts that change their way. */
class LeftoversIT {

    /** By the long way, by the short one, and once more. */
    private static final int TIMES = 3;

    private static GuestTestDatabase database;
    private static SimpleMeterRegistry metrics;
    private static GuestDatabase guests;

    @BeforeAll
    static void open() {
        database = GuestTestDatabase.shared(1);
        database.asAdmin("""
                CREATE SEQUENCE numbers;
                CREATE TABLE log (id int);
                CREATE FUNCTION litter(writes boolean) RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN
                  PERFORM set_config('app.tenant', 'alice', false), set_config('work_mem', '1MB', false);
                  PERFORM pg_advisory_lock(4711);
                  PERFORM nextval('numbers');
                  EXECUTE 'LISTEN tenants';
                  EXECUTE 'DECLARE held CURSOR WITH HOLD FOR SELECT 1';
                  IF writes THEN
                    INSERT INTO log VALUES (1);
                    CREATE TEMP TABLE notes (id int);
                  END IF;
                  PERFORM set_config('search_path', 'pg_temp', false);
                  RETURN 1;
                END $$;
                CREATE FUNCTION leftovers() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
                  SELECT concat_ws(',', nullif(current_setting('app.tenant', true), ''), current_setting('search_path'), current_setting('work_mem'),
                    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711),
                    (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_cursors WHERE is_holdable),
                    (SELECT count(*) FROM pg_class WHERE relname = 'notes' AND relpersistence = 't')) $$;
                CREATE FUNCTION log_if(writes boolean) RETURNS int LANGUAGE sql SECURITY DEFINER AS $$
                  INSERT INTO log SELECT 2 WHERE writes; SELECT 2 $$;
                GRANT SELECT ON log TO authenticated;
                GRANT SELECT ON numbers TO authenticated;
                """);
        metrics = new SimpleMeterRegistry();
        guests = database.open(metrics);
    }

    @AfterAll
    static void close() {
        guests.close();
    }

    @Test
    void areRemovedBeforeTheNextCaller() {
        var before = query(BOB, "SELECT leftovers() AS l");
        for (var writes : new String[] {"false", "true"}) {
            for (var i = 0; i < TIMES; i++) {
                assertEquals(one("litter", "1"), query(ALICE, "SELECT litter(" + writes + ")"));
                assertEquals(before, query(BOB, "SELECT leftovers() AS l"));
                assertTrue(query(BOB, "SELECT currval('numbers')").contains("\"sqlstate\":\"55000\""));
            }
        }
    }

    @Test
    void runsATextAgainThatWritesForTheFirstTimeAndCommitsItOnce() {
        for (var i = 0; i < TIMES; i++) {
            assertEquals(one("log_if", "2"), query(ALICE, "SELECT log_if($1)", "[false]"));
        }
        assertEquals(one("log_if", "2"), query(ALICE, "SELECT log_if($1)", "[true]"));
        assertEquals(one("n", "1"), query(ALICE, "SELECT count(*) AS n FROM log WHERE id = 2"));
        assertEquals(one("log_if", "2"), query(ALICE, "SELECT log_if($1)", "[true]"));
        assertEquals(one("n", "2"), query(ALICE, "SELECT count(*) AS n FROM log WHERE id = 2"));
        database.asAdmin("DELETE FROM log WHERE id = 2");
    }

    @Test
    void undoesTheFirstWriteOfATextWhoseAnswerIsTooLarge() {
        var sql = "SELECT log_if($1), i FROM generate_series(1, $2::int) i";
        for (var i = 0; i < TIMES; i++) {
            query(ALICE, sql, "[false,1]");
        }
        assertTrue(query(ALICE, sql, "[true,20000]").contains("\"too_large\""));
        assertEquals(one("n", "0"), query(ALICE, "SELECT count(*) AS n FROM log WHERE id = 2"));
    }

    @Test
    void areNoneOfValuesThatMakeNoSense() {
        database.asOwner("CREATE TABLE tags (tags int[]); GRANT SELECT, INSERT ON tags TO authenticated");
        for (var sql : new String[] {"INSERT INTO tags VALUES ($1)", "SELECT * FROM tags WHERE tags = $1"}) {
            for (var i = 0; i < TIMES; i++) {
                assertTrue(query(ALICE, sql, "[[1,2]]").contains("\"rows\""));
                assertTrue(query(ALICE, sql, "[[[[[[[[1]]]]]]]]").contains("\"invalid\""));
                assertEquals(one("n", "1"), query(BOB, "SELECT 1 AS n"));
            }
        }
    }

    @Test
    void answersOnTheShortWayAsOnTheLongOne() {
        database.asOwner("CREATE TYPE mood AS ENUM ('good'); CREATE TABLE moods (m mood, ms mood[]); GRANT SELECT ON moods TO authenticated");
        for (var sql : new String[] {"SELECT 1 / 0", "SELECT i FROM generate_series(1, 10001) i", "SELECT 1 AS a, 2 AS a", "SELECT * FROM moods"}) {
            var first = query(ALICE, sql);
            for (var i = 0; i < TIMES; i++) {
                assertEquals(first, query(ALICE, sql));
            }
        }
        database.asOwner("ALTER TABLE moods ADD COLUMN since int");
        assertTrue(query(ALICE, "SELECT * FROM moods").contains("\"since\""));
    }

    @Test
    void areCountedByRole() {
        query(ALICE, "SELECT 1");
        for (var timer : new String[] {"worker.database.query", "worker.database.wait"}) {
            assertTrue(metrics.get(timer).tag("role", "authenticated").timer().count() > 0, timer);
            assertEquals(0, metrics.get(timer).tag("role", "service_role").timer().count(), timer);
        }
        assertEquals(1, metrics.get("worker.database.connections.idle").tag("role", "authenticated").gauge().value());
        assertEquals(0, metrics.get("worker.database.connections.busy").tag("role", "authenticated").gauge().value());
        assertEquals(0, metrics.get("worker.database.away").tag("role", "authenticated").gauge().value());
    }

    private static String one(String column, String value) {
        return "{\"columns\":[\"" + column + "\"],\"rows\":[{\"" + column + "\":" + value + "}],\"rowCount\":1}";
    }

    private static String query(String caller, String sql) {
        return query(caller, sql, "[]");
    }

    private static String query(String caller, String sql, String params) {
        return text(guests.query(user(caller), sql, json(params), PLENTY));
    }
}
