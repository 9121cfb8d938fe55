package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static io.aerodb.functions.worker.wasm.Guests.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IsolationTest {

    private final Guests guests = new Guests();

    @AfterEach
    void close() {
        guests.close();
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
            assertEquals("x", text(succeeded(execution)));
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
                assertEquals(input.repeat(50), text(succeeded(execution)));
                assertEquals(50, execution.log().stream().filter(line -> line.message().equals(input)).count());
            }
        }
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    @Test
    void theClassesOfAModuleGoWithIt() {
        var classes = ManagementFactory.getClassLoadingMXBean();
        var before = classes.getUnloadedClassCount();
        for (var i = 0; i < 20; i++) {
            guests.run(handler("(drop (i32.const " + i + ")) i32.const 0"));
        }
        Awaitility.await().until(() -> {
            System.gc();
            return classes.getUnloadedClassCount() - before >= 20;
        });
    }

    private static byte[] succeeded(Execution execution) {
        return assertInstanceOf(Succeeded.class, execution.outcome(), execution.outcome().message()).output();
    }
}
