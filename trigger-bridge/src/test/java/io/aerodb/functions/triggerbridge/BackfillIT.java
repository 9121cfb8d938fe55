package io.aerodb.functions.triggerbridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.triggerbridge.Asked.Request;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BackfillIT {

    private static final int FAST = 5000;
    private static final String CITEXT = "CREATE SCHEMA IF NOT EXISTS words; CREATE EXTENSION IF NOT EXISTS citext SCHEMA words";

    private static TestKafka kafka;
    private static Source source;
    private static TriggerBridge bridge;
    private static Asked asked;
    private static Backfilling backfills;

    @BeforeAll
    static void start() throws Exception {
        kafka = TestKafka.own();
        source = new Source(kafka, TestPostgres.shared());
        bridge = source.startBridge();
        asked = new Asked(source, Topics.EVENTS);
        backfills = new Backfilling(source);
        Awaitility.await().until(bridge::isReady);
    }

    @AfterAll
    static void stop() {
        asked.close();
        bridge.close();
        source.close();
        kafka.close();
    }

    /** Whatever the type of a column: nobody can tell from a row whether it was inserted or read. */
    @Test
    void tellsOfRowsAsTheLogDid() {
        source.execute("CREATE EXTENSION hstore", CITEXT, "CREATE TYPE colour AS ENUM ('red', 'dark \"blue\"')", "CREATE DOMAIN percent AS numeric(5, 2) CHECK (VALUE <= 100)",
                "CREATE TYPE pair AS (a int, b text)");
        source.execute("""
                CREATE TABLE every (
                  id bigint PRIMARY KEY, i2 smallint, i4 int NOT NULL DEFAULT 7, s serial, n numeric, n2 numeric(10, 2), f4 float4, f8 float8, b boolean, t text, v varchar(10), c char(5), ch "char", nm name,
                  by bytea, d date, tm time, tmz timetz, ts timestamp, tz timestamptz, ts3 timestamp(3), iv interval, u uuid, j json, jb jsonb, ip inet, net cidr, mac macaddr,
                  bits bit(4), vb varbit, cash money, p point, bx box, ci circle, pa path, po polygon, ln line, ls lseg, ir int4range, tr tstzrange, nr numrange, mr int4multirange,
                  tv tsvector, tq tsquery, m colour, pc percent, co pair, o oid, lsn pg_lsn, h hstore, ct words.citext, jp jsonpath,
                  ia int[], ia2 int[][], ta text[], na numeric[], ba boolean[], tza timestamptz[], ua uuid[], ma colour[], ja jsonb[], da date[], bya bytea[], fa float8[],
                  doubled int GENERATED ALWAYS AS (i4 * 2) STORED)""");
        source.deploy("every", "{'type': 'database', 'table': 'every', 'operations': ['insert']}");
        source.execute("""
                INSERT INTO every VALUES (9007199254740993, -3, 4, 5, 12345678901234567890.1230, 1.5, 1.1, 0.1, true, 'täxt \\ ''"', 'v', 'ab', 'x', 'name',
                  '\\xdeadbeef', '2026-01-31', '24:00:00', '10:00:00.5+02', '2026-01-31 10:00:00.123456', '2026-01-31 10:00:00+02', '2026-01-31 10:00:00.123', '1 year 2 mons 3 days 04:05:06.7',
                  '0198f0a0-0000-7000-8000-000000000001', '{"a" : [1, null]}', '{"a": [1.50, null]}', '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03',
                  B'1010', B'10', 12.5, '(1.50,-2)', '(1,2),(3,4)', '<(1,2),3>', '[(0,0),(1,1)]', '((0,0),(1,1),(1,0))', '{1,2,3}', '[(0,0),(1,1)]', '[1,5)', '[2026-01-01 00:00+00,)', '(1.5,2.5]', '{[1,3),[5,7)}',
                  'a:1 fat:2', 'a & b', 'dark "blue"', 99.5, '(1,"x, y")', 4294967295, '0/16B3748', 'a=>1, b=>NULL', 'CiText', '$.a[*]',
                  '{1,NULL,3}', '{{1,2},{3,4}}', '{x,NULL,"y z","q\\"q"}', '{1.10,2}', '{t,f}', '{"2026-01-31 10:00:00+02"}', '{0198f0a0-0000-7000-8000-000000000001}', '{red,"dark \\"blue\\""}',
                  ARRAY['{"a": 1}'::jsonb], '{2026-01-31,0044-03-15 BC}', ARRAY['\\xde'::bytea], '{1.5,NaN}')""",
                "INSERT INTO every (id, n, f4, f8, d, ts, tz, t) VALUES (2, 'NaN', 'Infinity', '-Infinity', '0044-03-15 BC', '-infinity', 'infinity', repeat('x', 100000))",
                "INSERT INTO every (id, n, d, ts, tz, f8) VALUES (3, '-Infinity', '1500-02-28', '1500-02-28 12:00', '1500-02-28 12:00+00', 1e300)",
                "INSERT INTO every (id) VALUES (-1)");
        var told = asked.await("every", 4);
        assertEquals("completed 4 4", backfills.awaitEnd(backfills.start("every", FAST)));

        var inserts = byRow(told);
        var reads = byRow(Backfilling.reads(asked.await("every", 8)));
        assertEquals(inserts.keySet(), reads.keySet());
        inserts.forEach((row, insert) -> {
            var read = reads.get(row);
            assertEquals(comparable(insert).replace("\"op\":\"INSERT\"", "\"op\":\"READ\""), comparable(read));
            assertArrayEquals(insert.record().key(), read.record().key(), "one row is told in order, whoever tells");
            assertNotEquals(insert.request().id(), read.request().id());
            assertEquals(Identity.ANONYMOUS, read.request().identity());
        });
    }

    @Test
    void findsItsWayThroughEveryKindOfKey() {
        source.execute("CREATE SCHEMA \"Odd \"\"schema\"", "CREATE TYPE step AS ENUM ('z', 'a')", "CREATE DOMAIN code AS text", CITEXT,
                "CREATE TABLE \"Odd \"\"schema\".\"Table ?\" (\"Key ?\" step, code code COLLATE \"C\", \"order\" numeric(6, 2), tz timestamptz, raw bytea, ci words.citext, n int, "
                        + "PRIMARY KEY (ci, code, \"Key ?\", \"order\", tz, raw) INCLUDE (n))",
                "INSERT INTO \"Odd \"\"schema\".\"Table ?\" SELECT (ARRAY['z', 'a'])[1 + n % 2]::step, chr(97 + n % 7), n % 3, '2026-01-01'::timestamptz + n % 5 * interval '1 day', int4send(n), "
                        + "chr(CASE WHEN n % 2 = 0 THEN 65 ELSE 97 END + n % 11), n FROM generate_series(0, 999) n",
                "CREATE TABLE parted (region text, id uuid, at date, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
                "CREATE TABLE parted_eu PARTITION OF parted FOR VALUES IN ('eu')", "CREATE TABLE parted_rest PARTITION OF parted DEFAULT",
                "INSERT INTO parted SELECT (ARRAY['eu', 'us', 'as'])[1 + n % 3], gen_random_uuid(), now() FROM generate_series(1, 900) n",
                "CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE child () INHERITS (parent)", "INSERT INTO parent VALUES (1)", "INSERT INTO child VALUES (2)");
        source.deploy("odd", "{'type': 'database', 'table': 'Odd \\\"schema.Table ?', 'operations': ['insert'], 'ordering': 'none'}");
        source.deploy("parted", "{'type': 'database', 'table': 'parted', 'operations': ['delete']}");
        source.deploy("parent", "{'type': 'database', 'table': 'parent', 'operations': ['insert']}");
        var odd = backfills.start("odd", 200);
        var parted = backfills.start("parted", FAST);
        assertEquals("completed 1 1", backfills.awaitEnd(backfills.start("parent", FAST)), "rows of a table that inherits are not the table's own");
        assertEquals("completed 900 900", backfills.awaitEnd(parted));
        assertEquals("completed 1000 1000", backfills.awaitEnd(odd));

        var rows = asked.await("odd", 1000);
        assertEquals(IntStream.range(0, 1000).boxed().collect(Collectors.toSet()), rows.stream().map(each -> each.payload().path("row").path("n").asInt()).collect(Collectors.toSet()));
        assertEquals(1000, rows.stream().map(each -> each.request().id()).distinct().count());
        assertNull(rows.getFirst().record().key());
        var parts = asked.await("parted", 900);
        assertEquals(900, parts.stream().map(each -> each.payload().path("row").path("id").asText()).distinct().count());
        assertEquals("parted", parts.getFirst().payload().path("table").asText());
    }

    @Test
    void asksForWhatTheTriggerWants() {
        source.execute("CREATE TABLE wanted (id int PRIMARY KEY, total numeric, status text)", "INSERT INTO wanted SELECT n, n, 'new' FROM generate_series(1, 300) n",
                "INSERT INTO wanted VALUES (301, 1000, repeat('x', 5000000))");
        source.deploy("wanted", "{'type': 'database', 'table': 'wanted', 'operations': ['update'], 'columns': ['status'], 'run_as': 'service_role', 'when': 'old == null && new.total > 290'}");
        assertEquals("completed 301 11", backfills.awaitEnd(backfills.start("wanted", FAST)));
        var rows = asked.await("wanted", 10);
        assertEquals(IntStream.rangeClosed(291, 300).boxed().toList(), rows.stream().map(each -> each.payload().path("row").path("id").asInt()).sorted().toList(), "too large is put aside");
        assertEquals(Identity.SERVICE, rows.getFirst().request().identity());
    }

    @Test
    void keepsToItsPace() {
        source.execute("CREATE TABLE slow (id int PRIMARY KEY)", "INSERT INTO slow SELECT generate_series(1, 10000)");
        source.deploy("slow", "{'type': 'database', 'table': 'slow', 'operations': ['insert'], 'when': 'false'}");
        var slow = backfills.start("slow", 20);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> backfills.read(slow) >= 20);
        var seconds = Double.parseDouble(source.value("SELECT extract(epoch FROM now() - created_at) FROM aerodb.backfills WHERE id = '" + slow + "'"));
        var read = backfills.read(slow);
        assertTrue(read <= 20 * (seconds + 1) + 10, read + " rows in " + seconds + " s");
        source.execute("UPDATE aerodb.backfills SET state = 'cancelled' WHERE id = '" + slow + "'");
        var left = backfills.read(slow);
        Awaitility.await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(5)).until(() -> backfills.read(slow) == left);
    }

    @Test
    void goesOnThroughChangesOfTheTable() {
        source.execute("CREATE TABLE reshaped (id int PRIMARY KEY, a text)", "INSERT INTO reshaped SELECT n, 'x' FROM generate_series(1, 400) n");
        source.deploy("reshaped", "{'type': 'database', 'table': 'reshaped', 'operations': ['insert']}");
        var id = backfills.start("reshaped", 200);
        Awaitility.await().until(() -> backfills.read(id) > 0);
        source.execute("ALTER TABLE reshaped ADD b int DEFAULT 7, DROP a");
        assertEquals("completed 400 400", backfills.awaitEnd(id));
        var rows = asked.await("reshaped", 400).stream().collect(Collectors.toMap(each -> each.payload().path("row").path("id").asInt(), each -> each.payload().path("row").toString()));
        assertEquals("{\"id\":1,\"a\":\"x\"}", rows.get(1));
        assertEquals("{\"id\":400,\"b\":7}", rows.get(400));
    }

    @Test
    void failsWithAReasonWhereItCannotGoOn() {
        for (var change : Map.of(
                "removed", List.of("DELETE FROM aerodb.functions WHERE name = 'removed'", "the function was removed"),
                "disabled", List.of("UPDATE aerodb.functions SET config = config || '{\"enabled\": false}' WHERE name = 'disabled'", "the function was disabled"),
                "dropped", List.of("DROP TABLE dropped", "the table public.dropped is gone"),
                "unkeyed", List.of("ALTER TABLE unkeyed DROP CONSTRAINT unkeyed_pkey", "has no primary key any more"),
                "rekeyed", List.of("ALTER TABLE rekeyed DROP CONSTRAINT rekeyed_pkey, ADD PRIMARY KEY (n)", "has got another primary key"),
                "hidden", List.of("ALTER TABLE hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", "row-level security")).entrySet()) {
            var name = change.getKey();
            source.execute("CREATE TABLE " + name + " (id int PRIMARY KEY, n int)", "INSERT INTO " + name + " SELECT n, n FROM generate_series(1, 2000) n");
            source.deploy(name, "{'type': 'database', 'table': '" + name + "', 'operations': ['insert']}");
            var id = backfills.start(name, 100);
            Awaitility.await().until(() -> backfills.read(id) > 0);
            source.execute(change.getValue().getFirst());
            var end = backfills.awaitEnd(id);
            assertTrue(end.startsWith("failed ") && end.contains(change.getValue().getLast()), name + ": " + end);
        }
        source.execute("CREATE TABLE changed (id int PRIMARY KEY)", "INSERT INTO changed SELECT generate_series(1, 2000)");
        source.deploy("changed", "{'type': 'database', 'table': 'changed', 'operations': ['insert']}");
        var id = backfills.start("changed", 100);
        Awaitility.await().until(() -> backfills.read(id) > 0);
        source.deploy("changed", "{'type': 'database', 'table': 'changed', 'operations': ['insert', 'delete']}");
        assertTrue(backfills.awaitEnd(id).contains("the trigger was changed or removed"), backfills.told(id));
    }

    @Test
    void waitsForATableThatIsLocked() throws Exception {
        source.execute("CREATE TABLE locked (id int PRIMARY KEY)", "INSERT INTO locked SELECT generate_series(1, 10)");
        source.deploy("locked", "{'type': 'database', 'table': 'locked', 'operations': ['insert']}");
        try (var holder = source.database().connect()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE locked");
            var id = backfills.start("locked", FAST);
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> backfills.told(id).startsWith("running 0 0 PostgreSQL says: "));
            holder.rollback();
            assertEquals("completed 10 10", backfills.awaitEnd(id));
        }
    }

    private static Map<Long, Request> byRow(List<Request> requests) {
        return requests.stream().collect(Collectors.toMap(each -> each.payload().path("row").path("id").asLong(), each -> each));
    }

    /** All but where in the log, and when. */
    private static String comparable(Request request) {
        return new String(request.request().payload(), StandardCharsets.UTF_8)
                .replaceAll("\"lsn\":\"[0-9A-F]+/[0-9A-F]+\",\"commit_time\":\"[^\"]+\"", "");
    }
}
