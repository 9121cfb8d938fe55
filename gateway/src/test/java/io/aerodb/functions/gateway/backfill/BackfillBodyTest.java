package io.aerodb.functions.gateway.backfill;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.gateway.http.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackfillBodyTest {

    @Test
    void readsTheRate() {
        assertEquals(500, rate("{\"rate\": 500}"));
        assertEquals(BackfillBody.MAX_RATE, rate("{\"rate\": " + BackfillBody.MAX_RATE + "}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"rate\": null}"})
    void hasADefault(String body) {
        assertEquals(BackfillBody.DEFAULT_RATE, rate(body));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"rate\": 0}|'rate'", "{\"rate\": 5001}|'rate'", "{\"rate\": 1.5}|'rate'", "{\"rate\": \"10\"}|'rate'", "{\"rate\": 12345678901}|'rate'",
        "{\"limit\": 10}|'limit'", "[]|{\"rate\": 100}", "7|{\"rate\": 100}", "{\"rate\": |{\"rate\": 100}"})
    void saysWhatIsWrong(String body, String said) {
        var problem = assertThrows(ProblemException.class, () -> rate(body)).problem();
        assertEquals("invalid_request", problem.code());
        assertTrue(problem.detail().contains(said), problem.detail());
    }

    private static int rate(String body) {
        return BackfillBody.rate(body.getBytes(UTF_8));
    }
}
