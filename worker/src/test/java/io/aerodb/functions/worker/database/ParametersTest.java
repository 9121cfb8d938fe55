package io.aerodb.functions.worker.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.database.JsonType.ArrayOf;
import io.aerodb.functions.worker.database.JsonType.Scalar;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParametersTest {

    @Test
    void sendsEveryValueAsItWasWritten() throws InvalidQueryException {
        assertEquals("[1.10, 12345678901234567890, true, false, null, a\"b, {\"a\" : 1.00}, é]",
                encoded("[1.10,12345678901234567890,true,false,null,\"a\\\"b\",{\"a\" : 1.00},\"\\u00e9\"]", List.of()));
        assertEquals("[]", encoded("", List.of()));
        assertEquals("[]", encoded(" [ ] ", List.of()));
    }

    @Test
    void makesAnArrayWhatItsTypeSays() throws InvalidQueryException {
        var array = "[[1,null,[2,3.50],\"a\\\"b\\\\c,{}\"]]";
        assertEquals("[[1,null,[2,3.50],\"a\\\"b\\\\c,{}\"]]", encoded(array, List.of(Scalar.DOCUMENT)));
        assertEquals("[{\"1\",NULL,{\"2\",\"3.50\"},\"a\\\"b\\\\c,{}\"}]", encoded(array, List.of(new ArrayOf(Scalar.TEXT, ','))));
        assertEquals("[{\"1\",NULL,\"[2,3.50]\",\"a\\\"b\\\\c,{}\"}]", encoded(array, List.of(new ArrayOf(Scalar.DOCUMENT, ','))));
        assertEquals("[{\"(1,2)\";\"(3,4)\"}]", encoded("[[\"(1,2)\",\"(3,4)\"]]", List.of(new ArrayOf(Scalar.TEXT, ';'))));
    }

    @Test
    void asksForTypesOnlyBecauseOfArrays() throws InvalidQueryException {
        assertFalse(Parameters.parse(bytes("[1,{\"a\":[1]},null]")).needTypes());
        assertTrue(Parameters.parse(bytes("[1,[]]")).needTypes());
    }

    @Test
    void refusesWhatIsNoArray() {
        for (var wrong : new String[] {"{}", "1", "null", "[1", "[1] []", "[1,]", "[nonsense]", "[\"\u0001\"]", "[" + "[".repeat(300) + "]".repeat(300) + "]"}) {
            assertThrows(InvalidQueryException.class, () -> Parameters.parse(bytes(wrong)), wrong);
        }
    }

    @Test
    void refusesMoreDimensionsThanPostgresHas() throws InvalidQueryException {
        var parameters = Parameters.parse(bytes("[" + "[".repeat(7) + "]".repeat(7) + "]"));
        assertThrows(InvalidQueryException.class, () -> parameters.encode(List.of(new ArrayOf(Scalar.NUMBER, ','))));
    }

    private static String encoded(String json, List<JsonType> types) throws InvalidQueryException {
        return Arrays.toString(Parameters.parse(bytes(json)).encode(types).stream()
                .map(value -> value == null ? "null" : new String(value, StandardCharsets.UTF_8)).toArray());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
