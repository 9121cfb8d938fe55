package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

abstract class IsolationConformance extends Conformance {

    IsolationConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @Test
    void aFreshInstanceSeesNothingOfAnEarlierOne() {
        var marking = guests.compile(module("(memory (export \"memory\") 1)", "(global $g (mut i32) (i32.const 0))",
                "(table $t 2 funcref)", "(elem $e func $f)", "(data $d \"x\")", """
                (func $f)
                (func (export "handler") (result i32)
                  (if (i32.load (i32.const 8)) (then unreachable))
                  (if (global.get $g) (then unreachable))
                  (if (i32.eqz (ref.is_null (table.get $t (i32.const 0)))) (then unreachable))
                  (if (i32.ne (table.size $t) (i32.const 2)) (then unreachable))
                  (if (i32.ne (memory.size) (i32.const 1)) (then unreachable))
                  (if (i32.ne (call $result_read (i32.const 0) (i32.const 0)) (i32.const 0)) (then unreachable))
                  (memory.init $d (i32.const 8) (i32.const 0) (i32.const 1))
                  (data.drop $d)
                  (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))
                  (elem.drop $e)
                  (global.set $g (i32.const 1))
                  (drop (table.grow $t (ref.null func) (i32.const 5)))
                  (drop (memory.grow (i32.const 5)))
                  (drop (call $env_get (i32.const 0) (i32.const 1)))
                  (call $log (i32.const 1) (i32.const 8) (i32.const 1))
                  (call $output_write (i32.const 8) (i32.const 1))
                  i32.const 0)"""));
        for (var i = 0; i < 3; i++) {
            var execution = guests.run(marking, call());
            assertEquals("x", succeeded(execution));
            assertEquals(1, execution.log().size());
        }
    }

    @Test
    void runsAtTheSameTimeDoNotMix() throws Exception {
        var echo = guests.compile(handler("""
                (local $n i32) (local $i i32)
                (local.set $n (call $input_read (i32.const 0) (i32.const 1000)))
                (loop $l
                  (call $output_write (i32.const 0) (local.get $n))
                  (call $log (i32.const 1) (i32.const 0) (local.get $n))
                  (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50))))
                i32.const 0"""));
        try (var threads = Executors.newFixedThreadPool(8, new GuestThreads())) {
            var runs = new ArrayList<Future<Execution>>();
            for (var i = 0; i < 400; i++) {
                var call = call("guest " + i + ";");
                runs.add(threads.submit(() -> guests.sandbox.run(echo, call)));
            }
            for (var i = 0; i < 400; i++) {
                var input = "guest " + i + ";";
                var execution = runs.get(i).get();
                assertEquals(input.repeat(50), succeeded(execution));
                assertEquals(50, execution.log().stream().filter(line -> line.message().equals(input)).count());
            }
        }
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    @Test
    void whateverEndsARunTheNextOneIsFresh() {
        var endings = guests.compile(module(MEMORY, "(global $g (mut i32) (i32.const 0))", """
                (func $deep (call $deep))
                (func (export "handler") (result i32)
                  (if (i32.load (i32.const 8)) (then (return (i32.const 99))))
                  (if (global.get $g) (then (return (i32.const 98))))
                  (i32.store (i32.const 8) (i32.const 1))
                  (global.set $g (i32.const 1))
                  (drop (call $input_read (i32.const 0) (i32.const 1)))
                  (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 116)) (then unreachable))
                  (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 108)) (then (loop (br 0))))
                  (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 100)) (then (call $deep)))
                  (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 109)) (then (drop (memory.grow (i32.const -1))) unreachable))
                  i32.const 0)"""));
        var brief = new Limits(Duration.ofMillis(100), Limits.DEFAULT.memoryBytes());
        for (var round = 0; round < 3; round++) {
            failed(guests.run(endings, call("trap", brief)));
            timedOut(guests.run(endings, call("loop", brief)));
            assertEquals("the function's call stack is exhausted", failed(guests.run(endings, call("deep"))).message());
            exceeded(guests.run(endings, call("memory", brief)));
            succeeded(guests.run(endings, call("end")));
        }
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }
}
