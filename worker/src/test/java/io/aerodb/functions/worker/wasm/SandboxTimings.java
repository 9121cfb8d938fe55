package io.aerodb.functions.worker.wasm;

import java.util.Arrays;

/** Prints how long a fresh instance with one call takes; no test, because machines differ. */
final class SandboxTimings {

    private static final String ECHO = """
            (func (export "handler") (result i32)
              (call $output_write (i32.const 0) (call $input_read (i32.const 0) (i32.const 60000)))
              i32.const 0)""";

    private SandboxTimings() {}

    public static void main(String[] arguments) throws Exception {
        try (var guests = new Guests()) {
            print(guests, "nothing, 1 page", Guests.handler("i32.const 0"));
            print(guests, "echo, 1 page", Guests.module("(memory (export \"memory\") 1)", ECHO));
            print(guests, "echo, 17 pages", Guests.module("(memory (export \"memory\") 17)", ECHO));
            print(guests, "100 host calls", Guests.handler("""
                    (local $i i32)
                    (loop $l (drop (call $result_read (i32.const 0) (i32.const 0)))
                      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
                    i32.const 0"""));
        }
    }

    private static void print(Guests guests, String name, String wat) throws Exception {
        var module = guests.compile(wat);
        var call = Guests.call("hello, world");
        guests.thread.submit(() -> {
            var nanos = new long[20_000];
            for (var round = 0; round < 3; round++) {
                for (var i = 0; i < nanos.length; i++) {
                    var start = System.nanoTime();
                    guests.sandbox.run(module, call);
                    nanos[i] = System.nanoTime() - start;
                }
                Arrays.sort(nanos);
                System.out.printf("%-16s p50 %.1f µs, p95 %.1f, p99 %.1f%n", name, nanos[nanos.length / 2] / 1e3,
                        nanos[nanos.length * 95 / 100] / 1e3, nanos[nanos.length * 99 / 100] / 1e3);
            }
            return true;
        }).get();
    }
}
