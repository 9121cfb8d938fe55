package io.aerodb.functions.worker.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.worker.database.JsonType.ArrayOf;
import io.aerodb.functions.worker.database.JsonType.Composite;
import io.aerodb.functions.worker.database.JsonType.Field;
import io.aerodb.functions.worker.database.JsonType.Scalar;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTypeTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "2026-11-21 10:00:00+00              | \"2026-11-21T10:00:00+00:00\"",
        "2026-11-21 10:00:00.123456-03       | \"2026-11-21T10:00:00.123456-03:00\"",
        "2026-11-21 10:00:00+05:30           | \"2026-11-21T10:00:00+05:30\"",
        "1890-01-01 00:00:00+00:53:28        | \"1890-01-01T00:00:00+00:53:28\"",
        "2026-11-21 10:00:00                 | \"2026-11-21T10:00:00\"",
        "0044-03-15 12:00:00+00 BC           | \"0044-03-15T12:00:00+00:00 BC\"",
        "infinity                            | \"infinity\""
    })
    void writesTimestampsAsIso8601(String text, String expected) {
        assertEquals(expected, written(Scalar.TIMESTAMP, text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "1 | 1", "-1.50 | -1.50", "1e+20 | 1e+20", "NaN | \"NaN\"", "-Infinity | \"-Infinity\"", "Infinity | \"Infinity\""
    })
    void leavesNumbersAsTheyAreAndQuotesWhatJsonHasNoNumberFor(String text, String expected) {
        assertEquals(expected, written(Scalar.NUMBER, text));
    }

    @Test
    void escapesWhatJsonWantsEscaped() {
        assertEquals("\"a\\\"b\\\\c\\n\\r\\t\\u0001é😀\"", written(Scalar.TEXT, "a\"b\\c\n\r\t\u0001é😀"));
    }

    @Test
    void readsArraysOfAnyShape() {
        var texts = new ArrayOf(Scalar.TEXT, ',');
        assertEquals("[]", written(texts, "{}"));
        assertEquals("[\"a\",null,\"NULL\",\"\",\"x,y\",\"q\\\"\\\\\"]", written(texts, "{a,NULL,\"NULL\",\"\",\"x,y\",\"q\\\"\\\\\"}"));
        assertEquals("[[1,2],[3,null]]", written(new ArrayOf(Scalar.NUMBER, ','), "{{1,2},{3,NULL}}"));
        assertEquals("[7,8]", written(new ArrayOf(Scalar.NUMBER, ','), "[0:1]={7,8}"));
        assertEquals("[\"(1,2)\",\"(3,4)\"]", written(new ArrayOf(Scalar.TEXT, ';'), "{(1,2);(3,4)}"));
        assertEquals("[1,2]", written(new ArrayOf(Scalar.NUMBER, ','), "1 2"));
    }

    @Test
    void readsRowsWithinRows() {
        var inner = new Composite(List.of(Field.named("x", Scalar.NUMBER), Field.named("n\"", Scalar.TEXT)));
        var outer = new Composite(List.of(Field.named("a", inner), Field.named("b", new ArrayOf(inner, ',')), Field.named("c", Scalar.BOOLEAN)));
        assertEquals("{\"x\":null,\"n\\\"\":\"\"}", written(inner, "(,\"\")"));
        assertEquals("{\"x\":1,\"n\\\"\":\"a,\\\"b)\\\\\"}", written(inner, "(1,\"a,\"\"b)\\\\\")"));
        assertEquals("{\"a\":{\"x\":1,\"n\\\"\":\"y z\"},\"b\":[{\"x\":2,\"n\\\"\":\"q\"},null],\"c\":true}",
                written(outer, "(\"(1,\"\"y z\"\")\",\"{\"\"(2,q)\"\",NULL}\",t)"));
    }

    @Test
    void stopsBeforeTheAnswerIsTooLarge() {
        var json = new JsonOutput(10);
        json.ascii("12345");
        assertThrows(AnswerTooLargeException.class, () -> json.string(new byte[5]));
    }

    private static String written(JsonType type, String text) {
        var bytes = ("[" + text + "]").getBytes(StandardCharsets.UTF_8);
        var json = new JsonOutput(1 << 20);
        // values stand in the middle of a row
        type.write(bytes, 1, bytes.length - 1, json);
        return new String(json.toByteArray(), StandardCharsets.UTF_8);
    }
}
