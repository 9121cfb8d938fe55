package io.aerodb.functions.gateway.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.MultiMap;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParametersTest {

    @Test
    void findsWhatIsThere() {
        assertEquals(Optional.of("x"), parameters("after", "x").text("after"));
        assertEquals(Optional.of(""), parameters("after", "").text("after"));
        assertEquals(Optional.empty(), parameters().text("after"));
    }

    @Test
    void refusesAParameterItDoesNotKnowByName() {
        var problem = refusal(() -> parameters("limit", "1", "lmit", "2").allowOnly(Set.of("limit")));
        assertEquals(400, problem.status());
        assertEquals("invalid_request", problem.code());
        assertTrue(problem.detail().contains("'lmit'"), problem.detail());
    }

    @Test
    void refusesAParameterThatStandsTwice() {
        var problem = refusal(() -> parameters("limit", "1", "limit", "1").allowOnly(Set.of("limit")));
        assertTrue(problem.detail().contains("'limit' stands twice"), problem.detail());
    }

    @Test
    void refusesAParameterThatStandsTwiceInAnotherCase() {
        refusal(() -> parameters("limit", "1", "LIMIT", "2").allowOnly(Set.of("limit")));
    }

    @Test
    void allowsWhatIsAllowed() {
        parameters("limit", "1", "after", "x").allowOnly(Set.of("limit", "after", "since"));
        parameters().allowOnly(Set.of());
    }

    @Test
    void limitsAPageTo50WhereNothingIsSaid() {
        assertEquals(50, parameters().limit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "50", "500"})
    void takesALimitInItsRange(String limit) {
        assertEquals(Integer.parseInt(limit), parameters("limit", limit).limit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "501", "", " 1", "1.5", "1e2", "ten", "0x10", "2147483648", "99999999999999999999"})
    void refusesAnyOtherLimit(String limit) {
        assertTrue(refusal(() -> parameters("limit", limit).limit()).detail().contains("'limit'"));
    }

    private static QueryParameters parameters(String... namesAndValues) {
        var map = MultiMap.caseInsensitiveMultiMap();
        for (var i = 0; i < namesAndValues.length; i += 2) {
            map.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new QueryParameters(map);
    }

    private static Problem refusal(Runnable reading) {
        return assertThrows(ProblemException.class, reading::run).problem();
    }
}
