package io.aerodb.functions.system.fault;

/** Functions in WebAssembly text whose run takes a known time, or waits for the test. */
final class Programs {

    /** Sends its payload as a request, and answers with what the host answered. */
    static final String FETCH = """
            (module
              (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "http_fetch" (func $http_fetch (param i32 i32) (result i32)))
              (import "aerodb_v1" "result_read" (func $result_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
              (memory (export "memory") 2)
              (func (export "handler") (result i32)
                (drop (call $http_fetch (i32.const 0) (call $input_read (i32.const 0) (i32.const 65536))))
                (call $output_write (i32.const 65536) (call $result_read (i32.const 65536) (i32.const 65536)))
                (i32.const 0)))""";

    static final String CRASHING = """
            (module (memory (export "memory") 1) (func (export "handler") (result i32) (unreachable)))""";

    private Programs() {}

    /** Sleeps, and answers with its payload. */
    static String napping(int millis) {
        return """
                (module
                  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
                  (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
                  (memory (export "memory") 1)
                  (func (export "handler") (result i32)
                    (i32.store (i32.const 16) (i32.const 1)) ;; the monotonic clock
                    (i64.store (i32.const 24) (i64.const %d))
                    (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
                    (call $output_write (i32.const 1024) (call $input_read (i32.const 1024) (i32.const 32768)))
                    (i32.const 0)))""".formatted(millis * 1_000_000L);
    }
}
