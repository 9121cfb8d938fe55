package io.aerodb.functions.worker.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.MemoryExceeded;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.invocation.Outcome.TimedOut;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterEach;

/**
 * The rules that every engine keeps, told by small modules, one a rule. What extends this is one chapter of them; the test of an
 * engine nests all chapters and tells them how its sandbox is made.
 */
abstract class Conformance {

    static final String MEMORY = "(memory (export \"memory\") 1)";
    static final String NOTHING = "(func (export \"handler\") (result i32) i32.const 0)";

    private final LongFunction<Sandbox> sandboxes;
    final Guests guests;

    /** @param sandboxes makes one with a memory budget of so many bytes */
    Conformance(LongFunction<Sandbox> sandboxes) {
        this.sandboxes = sandboxes;
        this.guests = guestsWithBudget(Guests.BUDGET_BYTES);
    }

    @AfterEach
    final void closeGuests() {
        guests.close();
    }

    /** More of them, for the caller to close. */
    final Guests guestsWithBudget(long bytes) {
        return new Guests(sandboxes.apply(bytes));
    }

    static String succeeded(Execution execution) {
        return Guests.text(assertInstanceOf(Succeeded.class, execution.outcome(), execution.outcome().message()).output());
    }

    /** A failure of the guest's own. */
    static Failed failed(Execution execution) {
        var failed = assertInstanceOf(Failed.class, execution.outcome(), execution.outcome().message());
        assertEquals(Failure.FUNCTION_ERROR, failed.failure());
        return failed;
    }

    static Failed hostFailed(Execution execution) {
        var failed = assertInstanceOf(Failed.class, execution.outcome(), execution.outcome().message());
        assertEquals(Failure.HOST_FUNCTION_ERROR, failed.failure());
        return failed;
    }

    static String timedOut(Execution execution) {
        return assertInstanceOf(TimedOut.class, execution.outcome(), execution.outcome().message()).message();
    }

    static String exceeded(Execution execution) {
        return assertInstanceOf(MemoryExceeded.class, execution.outcome(), execution.outcome().message()).message();
    }
}
