package io.aerodb.functions.gateway.function;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.gateway.http.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IfMatchTest {

    @ParameterizedTest
    @ValueSource(strings = {"*", " * ", "\"7\"", "\"6\", \"7\"", "W/\"7\",\"7\"", " \"7\" ,\"a,b\""})
    void isForTheRevisionThatItNames(String header) {
        assertTrue(IfMatch.of(List.of(header)).test(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"8\"", "W/\"7\"", "\"\"", "\"07\"", "\"*\""})
    void isForNoOther(String header) {
        assertFalse(IfMatch.of(List.of(header)).test(7));
    }

    @Test
    void isForAnyWhereItIsLeftOutAndForAllThatAreNamedWhereItStandsTwice() {
        assertTrue(IfMatch.of(List.of()).test(7));
        assertTrue(IfMatch.of(List.of("\"6\"", "\"7\"")).test(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "7", "\"7", "7\"", "\"7\" \"8\"", "\"7\",", ",\"7\"", "w/\"7\"", "*, \"7\"", "\"a\u0000b\""})
    void refusesWhatIsMalformed(String header) {
        assertThrows(ProblemException.class, () -> IfMatch.of(List.of(header)));
    }
}
