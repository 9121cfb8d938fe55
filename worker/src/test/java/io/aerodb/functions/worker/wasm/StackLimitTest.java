package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StackLimitTest {

    private static final String EXHAUSTED = "the function's call stack is exhausted";
    /** Goes as deep as the first number of its input, and calls the host there. */
    private static final String DIVER = module("""
            (memory (export "memory") 1)
            (data (i32.const 100) "NAME")
            (func $dive (param $depth i32) (result i32)
              (if (result i32) (local.get $depth)
                (then (i32.add (i32.const 1) (call $dive (i32.sub (local.get $depth) (i32.const 1)))))
                (else
                  (call $log (i32.const 1) (i32.const 100) (i32.const 4))
                  (drop (call $env_get (i32.const 100) (i32.const 3)))
                  (drop (call $env_get (i32.const 100) (i32.const 4)))
                  (call $output_write (i32.const 200) (call $result_read (i32.const 200) (i32.const 100)))
                  (drop (memory.grow (i32.const 1)))
                  (i32.const 0))))
            (func (export "handler") (result i32)
              (drop (call $input_read (i32.const 0) (i32.const 4)))
              (i32.sub (call $dive (i32.load (i32.const 0))) (i32.load (i32.const 0))))""");

    private final Guests guests = new Guests();

    @AfterEach
    void close() {
        guests.close();
    }

    @Test
    void endsADeepRecursionAndKeepsTheThread() {
        var deep = guests.compile(module("(memory (export \"memory\") 1)", "(func $f (export \"f\") call $f)",
                "(func (export \"handler\") (result i32) call $f i32.const 0)"));
        for (var i = 0; i < 20; i++) {
            assertEquals(EXHAUSTED, assertInstanceOf(Failed.class, guests.run(deep, call()).outcome()).message());
        }
        assertInstanceOf(Succeeded.class, guests.run(handler("i32.const 0")).outcome());
    }

    @Test
    void endsADeepRecursionThroughATable() {
        var deep = module("(memory (export \"memory\") 1)", "(table 1 funcref)", "(elem (i32.const 0) $f)",
                "(type $none (func))", "(func $f (call_indirect (type $none) (i32.const 0)))",
                "(func (export \"handler\") (result i32) call $f i32.const 0)");
        assertEquals(EXHAUSTED, guests.run(deep).outcome().message());
    }

    @Test
    void endsADeepRecursionOfAnInterpretedFunction() {
        var ballast = "(i32.store8 (i32.const 0) (i32.load8_u (i32.const 0)))".repeat(9_000);
        var deep = module("(memory (export \"memory\") 1)",
                "(func $f (if (i32.const 0) (then " + ballast + ")) (call $f))",
                "(func (export \"handler\") (result i32) call $f i32.const 0)");
        assertEquals(EXHAUSTED, guests.run(deep).outcome().message());
    }

    @Test
    void aHostCallAtTheEdgeOfTheStackIsDoneWhollyOrNotAtAll() {
        var diver = guests.compile(DIVER);
        var reached = 0;
        var missed = 1 << 20;
        for (var round = 0; round < 10; round++) {
            while (missed - reached > 1) {
                var depth = (reached + missed) >>> 1;
                if (dive(diver, depth)) {
                    reached = depth;
                } else {
                    missed = depth;
                }
            }
            // compiled anew, frames shrink, and with them the edge moves
            reached = reached / 2;
            missed = missed * 2;
        }
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    @Test
    void aHostCallAtEveryDepthIsFine() {
        var deep = module("(memory (export \"memory\") 1)", """
                (func $f (call $log (i32.const 1) (i32.const 0) (i32.const 1))
                  (drop (call $env_get (i32.const 0) (i32.const 9))) (call $f))
                (func (export "handler") (result i32) call $f i32.const 0)""");
        var module = guests.compile(deep);
        for (var i = 0; i < 5; i++) {
            assertEquals(EXHAUSTED, guests.run(module, call()).outcome().message());
        }
    }

    @Test
    void theProofOfHeadroomFailsWhileThereIsStillRoom() throws Exception {
        assertEquals(100, guests.thread.submit(StackLimitTest::descendUntilRefused).get());
    }

    @Test
    void runsOnNoOtherThreads() {
        var module = guests.compile(handler("i32.const 0"));
        assertThrows(IllegalStateException.class, () -> guests.sandbox.run(module, call()));
    }

    private boolean dive(CompiledModule diver, int depth) {
        var input = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(depth).array();
        var call = new GuestCall(input, new byte[0], Map.of("NAME", "value"), Guests.NO_SERVICES, call().limits(), call().remaining());
        var execution = guests.run(diver, call);
        Outcome outcome = execution.outcome();
        if (outcome instanceof Succeeded(var output)) {
            assertEquals("value", Guests.text(output));
            assertEquals(1, execution.log().size());
            return true;
        }
        assertEquals(EXHAUSTED, outcome.message());
        return false;
    }

    private static int descendUntilRefused() {
        try {
            StackHeadroom.prove();
        } catch (StackOverflowError e) {
            return useRoom(100);
        }
        return descendUntilRefused();
    }

    private static int useRoom(int frames) {
        return frames == 0 ? 0 : 1 + useRoom(frames - 1);
    }
}
