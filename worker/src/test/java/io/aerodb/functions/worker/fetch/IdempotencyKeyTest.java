package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

class IdempotencyKeyTest {

    @Test
    void isTheSameForTheSameFetchOfAnInvocation() {
        assertEquals(IdempotencyKey.of("a", 1), IdempotencyKey.of("a", 1));
    }

    @Test
    void isAnotherForEveryOther() {
        assertNotEquals(IdempotencyKey.of("a", 1), IdempotencyKey.of("a", 2));
        assertNotEquals(IdempotencyKey.of("a", 1), IdempotencyKey.of("b", 1));
        assertNotEquals(IdempotencyKey.of("a", 11), IdempotencyKey.of("a/1", 1));
    }

    @Test
    void isAUuidOfVersion5() {
        var key = IdempotencyKey.of("0199a3c0-0000-7000-8000-000000000000", 0);
        assertEquals(5, key.version());
        assertEquals(2, key.variant());
    }
}
