package io.aerodb.functions.worker.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.database.StatementGate.Kind;
import io.aerodb.functions.worker.wasm.HostError;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateAndCacheTest {

    @Test
    void remembersTheTextsThatPassedWithinBounds() {
        var gate = new StatementGate();
        gate.remember("SELECT 1", Kind.READS);
        assertEquals(Kind.READS, gate.kindOf("SELECT 1"));
        assertEquals(Kind.NEW, gate.kindOf("SELECT 1 "));
        gate.remember("SELECT 1", Kind.WRITES);
        assertEquals(Kind.WRITES, gate.kindOf("SELECT 1"));
        gate.remember("x".repeat(100_000), Kind.READS);
        assertEquals(Kind.NEW, gate.kindOf("x".repeat(100_000)));
        for (var i = 0; i < 5000; i++) {
            gate.remember("SELECT " + i + " AS n", Kind.READS);
        }
        assertEquals(Kind.NEW, gate.kindOf("SELECT 1"));
        assertEquals(Kind.READS, gate.kindOf("SELECT 4999 AS n"));
    }

    @Test
    void keepsFewStatementsPreparedAndTellsWhichOnesMustGo() {
        var prepared = new PreparedTexts();
        for (var i = 0; i < 51; i++) {
            prepared.keep("SELECT " + i, new PreparedTexts.Prepared(prepared.newName(), null, null));
            prepared.find("SELECT 0");
        }
        assertTrue(prepared.find("SELECT 0").isPresent());
        assertFalse(prepared.find("SELECT 1").isPresent());
        assertEquals(List.of("aerodb_guest_2"), prepared.evicted());
        assertEquals(List.of(), prepared.evicted());
        prepared.clear();
        assertFalse(prepared.find("SELECT 0").isPresent());
    }

    @Test
    void tellsTheGuestInJsonWhatFailed() {
        assertEquals("{\"error\":{\"code\":\"too_large\",\"message\":\"a \\\"b\\\"\"}}",
                GuestTestDatabase.text(QueryAnswer.Failed.of(HostError.TOO_LARGE, "a \"b\"")));
        assertEquals("{\"error\":{\"code\":\"database\",\"message\":\"m\",\"sqlstate\":\"23505\"}}",
                GuestTestDatabase.text(new QueryAnswer.Failed(HostError.DATABASE, "m", "23505")));
    }
}
