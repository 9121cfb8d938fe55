package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.bytes;
import static io.aerodb.functions.worker.wasm.Guests.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.testkit.TestPrograms;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A program of C, with all that its library does before and after {@code main}. */
class WasiProgramTest {

    private final Guests guests = new Guests(Guests.sandbox(Guests.BUDGET_BYTES));
    private CompiledModule wordcount;

    @BeforeEach
    void compile() throws Exception {
        var wasm = TestPrograms.wordcount();
        wordcount = guests.sandbox.compile(ModuleHash.of(wasm), wasm);
    }

    @AfterEach
    void close() {
        guests.close();
    }

    @Test
    void readsItsInputAndPrintsItsAnswer() {
        var execution = run("to be or\nnot to be\n", Map.of());
        assertEquals("{\"lines\": 2, \"words\": 6, \"bytes\": 19}\n", text(assertInstanceOf(Succeeded.class, execution.outcome()).output()));
        assertEquals("counted 6 words", execution.log().getFirst().message());
        assertEquals(1, execution.log().size());
    }

    @Test
    void readsNoInputAndMoreThanABuffer() {
        assertEquals("{\"lines\": 0, \"words\": 0, \"bytes\": 0}\n",
                text(assertInstanceOf(Succeeded.class, run("", Map.of()).outcome()).output()));
        assertEquals("{\"lines\": 300000, \"words\": 300000, \"bytes\": 1500000}\n",
                text(assertInstanceOf(Succeeded.class, run("word\n".repeat(300_000), Map.of()).outcome()).output()));
    }

    @Test
    void exitsWithAStatusAndSaysWhyInItsLog() {
        var execution = run("one two three", Map.of("MAX_WORDS", "2"));
        assertEquals("the function exited with status 2", assertInstanceOf(Failed.class, execution.outcome()).message());
        assertEquals("3 words are more than MAX_WORDS=2", execution.log().getFirst().message());
        assertTrue(execution.log().getFirst().offsetMillis() >= 0);
    }

    private Execution run(String input, Map<String, String> env) {
        return guests.run(wordcount,
                new GuestCall(bytes(input), bytes("{}"), env, Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMinutes(1)));
    }
}
