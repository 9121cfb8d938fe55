package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "hello", "send-welcome_email2"})
    void acceptsWhatTheRuleAllows(String name) {
        assertEquals(name, new FunctionName(name).value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Send Email", "9lives", "-a", "a/b", "../a", "é", "a\u0000", "a\n"})
    void refusesWhatItDoesNot(String name) {
        assertEquals("invalid_name", assertThrows(InvalidFunctionException.class, () -> new FunctionName(name)).code());
    }

    @Test
    void takes63CharactersAndNoMore() {
        new FunctionName("a".repeat(63));
        assertThrows(InvalidFunctionException.class, () -> new FunctionName("a".repeat(64)));
    }

    @Test
    void refusesNamesThatArePathsOfTheApi() {
        for (var reserved : FunctionName.RESERVED) {
            assertTrue(assertThrows(InvalidFunctionException.class, () -> new FunctionName(reserved)).getMessage().contains("reserved"));
        }
    }

    @Test
    void doesNotRepeatALongNameInItsMessage() {
        var message = assertThrows(InvalidFunctionException.class, () -> new FunctionName("X".repeat(100_000))).getMessage();
        assertTrue(message.length() < 300);
    }
}
