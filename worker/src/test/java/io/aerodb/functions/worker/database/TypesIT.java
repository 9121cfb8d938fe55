package io.aerodb.functions.worker.database;

import static io.aerodb.functions.worker.database.GuestTestDatabase.ALICE;
import static io.aerodb.functions.worker.database.GuestTestDatabase.PLENTY;
import static io.aerodb.functions.worker.database.GuestTestDatabase.json;
import static io.aerodb.functions.worker.database.GuestTestDatabase.text;
import static io.aerodb.functions.worker.database.GuestTestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.worker.wasm.HostError;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TypesIT {

    private static final JsonMapper EXACT = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    private static GuestDatabase guests;

    @BeforeAll
    static void open() {
        var database = GuestTestDatabase.shared(2);
        database.asOwner("""
                CREATE TYPE mood AS ENUM ('sad', 'so so', 'NULL');
                CREATE TYPE point3 AS (x int, y numeric, "the \"\"name\"\"\" text);
                CREATE TYPE line3 AS (a point3, bs point3[], at timestamptz);
                CREATE DOMAIN positive AS int CHECK (VALUE > 0);
                CREATE DOMAIN moods AS mood[];
                """);
        guests = database.open();
    }

    @AfterAll
    static void close() {
        guests.close();
    }

    /** What {@code to_json} gives is what PostgREST gives. */
    @ParameterizedTest
    @ValueSource(strings = {
        "true", "false", "NULL::bool", "1::smallint", "-2147483648::int", "9223372036854775807::bigint", "1.10::numeric",
        "12345678901234567890.123456789012345678901234567890::numeric", "0.00000000000000000001::numeric", "'NaN'::numeric",
        "'Infinity'::numeric", "1e20::float8", "0.1::float8", "-1.5e-7::float8", "1.1::real", "'NaN'::float8", "'-Infinity'::float8",
        "'a\"b\\c' || chr(10) || chr(9) || chr(1) || 'é😀'", "''::text", "'x'::char(5)", "'v'::varchar", "'c'::\"char\"", "'n'::name",
        "'\\x00ff'::bytea", "'\\x'::bytea", "timestamptz '2026-11-21 10:00:00.123456+02'", "timestamptz 'infinity'",
        "timestamptz '0044-03-15 12:00:00+00 BC'", "timestamp '2026-11-21 10:00:00'", "timestamp '-infinity'", "timestamp '0001-01-01 00:00:00 BC'",
        "date '2026-11-21'", "date 'infinity'", "time '10:00:00.5'", "timetz '10:00:00+05:30'", "interval '1 year 2 days 03:04:05.6'",
        "'00000000-0000-4000-8000-00000000a11c'::uuid", "'{\"a\": [1, 2.50, null]}'::jsonb", "'{\"a\" :  1.00}'::json", "'null'::jsonb",
        "'sad'::mood", "'so so'::mood", "int4range(1, 5)", "tstzrange('2026-01-01', NULL)", "'{[1,2),[5,6)}'::int4multirange",
        "inet '10.0.0.1/8'", "cidr '10.0.0.0/8'", "macaddr '08:00:2b:01:02:03'", "'12.34'::money", "B'101'", "'101'::varbit",
        "point '(1,2)'", "to_tsvector('a b')", "to_tsquery('a & b')", "26::oid", "'pg_class'::regclass", "xmlelement(name a)", "7::positive",
        "ARRAY[1,2,NULL]", "ARRAY[[1,2],[3,4]]", "'{}'::int[]", "'[0:1]={7,8}'::int[]", "ARRAY['a,b','c\"d','NULL','',NULL,'{x}','e\\f']",
        "ARRAY[true,false]", "ARRAY[1.10,'NaN'::numeric]", "ARRAY['{\"a\": 1}'::jsonb, 'null'::jsonb]", "ARRAY['2026-01-01 00:00+00'::timestamptz]",
        "ARRAY['sad','NULL','so so']::mood[]", "ARRAY['\\x01'::bytea]", "ARRAY['(1,2),(0,0)'::box,'(3,4),(0,0)'::box]",
        "ROW(1, 2.50, 'a,\"b\\)')::point3", "ROW(1, NULL, NULL)::point3", "ROW(1, NULL, '')::point3", "NULL::point3",
        "ARRAY[ROW(1, 1.0, 'x y')::point3, NULL]",
        "ROW(ROW(1, 2, 'q\"'), ARRAY[ROW(3, 4, 'r,s')::point3], '2026-01-01 00:00+00')::line3", "'1 2'::int2vector"
    })
    void writesWhatToJsonWrites(String expression) throws JsonProcessingException {
        var answer = query("SELECT " + expression + " AS v, to_json(" + expression + ")::text AS expected", "");
        var row = EXACT.readTree(answer).path("rows").path(0);
        var expected = row.path("expected");
        assertEquals(expected.isNull() ? EXACT.nullNode() : EXACT.readTree(expected.asText()), row.path("v"), answer);
        if (!expected.isNull() && expected.asText().matches("-?[0-9.]+")) {
            assertTrue(answer.contains("\"v\":" + expected.asText() + ","), answer);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "int                 | 42                                | 42",
        "bigint              | 9223372036854775807               | 9223372036854775807",
        "numeric             | 12345678901234567890.12345678900  | 12345678901234567890.12345678900",
        "numeric             | 1e3                               | 1000",
        "float8              | 0.1                               | 0.1",
        "int                 | \"42\"                            | 42",
        "int                 | null                              | null",
        "bool                | true                              | true",
        "bool                | \"f\"                             | false",
        "text                | \"a'b\\\"c; -- $1\"               | \"a'b\\\"c; -- $1\"",
        "text                | 1.50                              | \"1.50\"",
        "text                | {\"a\":1.50}                      | \"{\\\"a\\\":1.50}\"",
        "uuid                | \"00000000-0000-4000-8000-00000000A11C\" | \"00000000-0000-4000-8000-00000000a11c\"",
        "timestamptz         | \"2026-11-21T10:00:00Z\"          | \"2026-11-21T10:00:00+00:00\"",
        "bytea               | \"\\\\x00ff\"                     | \"\\\\x00ff\"",
        "jsonb               | {\"a\": [1, 2.50]}                | {\"a\": [1, 2.50]}",
        "json                | [1,  {\"b\": null}]               | [1,  {\"b\": null}]",
        "jsonb               | 5                                 | 5",
        "jsonb               | \"{\\\"a\\\": 1}\"                | {\"a\": 1}",
        "int[]               | [1,null,3]                        | [1,null,3]",
        "int[]               | [[1,2],[3,4]]                     | [[1,2],[3,4]]",
        "int[]               | []                                | []",
        "int[]               | \"{1,2}\"                         | [1,2]",
        "text[]              | [\"a,b\",\"c\\\"d\\\\e\",\"NULL\",\"\",null] | [\"a,b\",\"c\\\"d\\\\e\",\"NULL\",\"\",null]",
        "numeric[]           | [1.10]                            | [1.10]",
        "jsonb[]             | [{\"a\": [1]}, [2], 3]            | [{\"a\": [1]},[2],3]",
        "mood                | \"so so\"                         | \"so so\"",
        "mood[]              | [\"so so\",\"NULL\"]              | [\"so so\",\"NULL\"]",
        "moods               | [\"sad\"]                         | [\"sad\"]",
        "int4range           | \"[1,5)\"                         | \"[1,5)\"",
        "positive            | 3                                 | 3",
        "point3              | \"(1,2.5,x)\"                     | {\"x\":1,\"y\":2.5,\"the \\\"name\\\"\":\"x\"}"
    })
    void takesParametersAsTheServerTypesThem(String type, String parameter, String expected) {
        assertEquals("{\"columns\":[\"v\"],\"rows\":[{\"v\":" + expected + "}],\"rowCount\":1}", query("SELECT $1::" + type + " AS v", "[" + parameter + "]"));
        // the second time the session knows the statement
        assertEquals("{\"columns\":[\"v\"],\"rows\":[{\"v\":" + expected + "}],\"rowCount\":1}", query("SELECT $1::" + type + " AS v", "[" + parameter + "]"));
    }

    @Test
    void infersTypesFromWhereAParameterStands() {
        assertEquals("{\"columns\":[\"id\"],\"rows\":[{\"id\":2},{\"id\":4}],\"rowCount\":2}",
                query("SELECT id FROM notes WHERE id = ANY ($1) ORDER BY id LIMIT $2", "[[2,4,6],2]"));
    }

    @Test
    void keepsNullsAndTypesOverManyRowsOfATypeItHasToAskFor() {
        assertEquals("{\"columns\":[\"m\",\"i\"],\"rows\":[{\"m\":\"sad\",\"i\":1},{\"m\":null,\"i\":2}],\"rowCount\":2}",
                query("SELECT * FROM (VALUES ('sad'::mood, 1), (NULL, 2)) x (m, i)", ""));
    }

    @Test
    void reportsWhatTheServerDoesNotTake() {
        for (var wrong : new String[] {"[\"x\"]", "[1, 2]", "[]", "[{\"a\":1}]", "[[1]]"}) {
            var answer = guests.query(user(ALICE), "SELECT $1::int AS v", json(wrong), PLENTY);
            assertEquals(HostError.DATABASE, assertInstanceOf(QueryAnswer.Failed.class, answer).error(), wrong);
        }
    }

    private static String query(String sql, String params) {
        return text(guests.query(user(ALICE), sql, json(params), PLENTY));
    }
}
