package io.aerodb.functions.system;

/** Small functions in WebAssembly text, one for each way to end. */
final class Functions {

    static final String ECHO = """
            (module
              (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
              (memory (export "memory") 32)
              (func (export "handler") (result i32)
                (call $output_write (i32.const 0) (call $input_read (i32.const 0) (i32.const 2097152)))
                (i32.const 0)))""";

    static final String CONTEXT = """
            (module
              (import "aerodb_v1" "context_read" (func $context_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
              (memory (export "memory") 2)
              (func (export "handler") (result i32)
                (call $output_write (i32.const 0) (call $context_read (i32.const 0) (i32.const 131072)))
                (i32.const 0)))""";

    static final String LOOP = """
            (module (memory (export "memory") 1) (func (export "handler") (result i32) (loop (br 0)) (i32.const 0)))""";

    static final String HOG = """
            (module (memory (export "memory") 1)
              (func (export "handler") (result i32)
                (loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
                (unreachable)))""";

    static final String CRASH = """
            (module (memory (export "memory") 1) (func (export "handler") (result i32) (unreachable)))""";

    static final String RECURSION = """
            (module (memory (export "memory") 1)
              (func $f (param i64) (result i64) (i64.add (call $f (i64.add (local.get 0) (i64.const 1))) (i64.const 1)))
              (func (export "handler") (result i32) (i32.wrap_i64 (call $f (i64.const 0)))))""";

    /** Runs its payload as SQL, and answers with what the host answered, be it rows or an error. */
    static final String QUERY = """
            (module
              (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "db_query" (func $db_query (param i32 i32 i32 i32) (result i32)))
              (import "aerodb_v1" "result_read" (func $result_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
              (memory (export "memory") 32)
              (func (export "handler") (result i32)
                (drop (call $db_query (i32.const 0) (call $input_read (i32.const 0) (i32.const 65536)) (i32.const 0) (i32.const 0)))
                (call $output_write (i32.const 65536) (call $result_read (i32.const 65536) (i32.const 1048576)))
                (i32.const 0)))""";

    /** Sends its payload as a request, and answers with what the host answered. */
    static final String FETCH = """
            (module
              (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "http_fetch" (func $http_fetch (param i32 i32) (result i32)))
              (import "aerodb_v1" "result_read" (func $result_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
              (memory (export "memory") 32)
              (func (export "handler") (result i32)
                (drop (call $http_fetch (i32.const 0) (call $input_read (i32.const 0) (i32.const 65536))))
                (call $output_write (i32.const 65536) (call $result_read (i32.const 65536) (i32.const 1048576)))
                (i32.const 0)))""";

    private Functions() {}

    /** Runs a statement, whatever becomes of it. */
    static String querying(String statement) {
        return """
                (module
                  (import "aerodb_v1" "db_query" (func $db_query (param i32 i32 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 0) "%s")
                  (func (export "handler") (result i32)
                    (drop (call $db_query (i32.const 0) (i32.const %d) (i32.const 0) (i32.const 0)))
                    (i32.const 0)))""".formatted(statement, statement.length());
    }

    /** Sends a request, whatever becomes of it. */
    static String fetching(String request) {
        return """
                (module
                  (import "aerodb_v1" "http_fetch" (func $http_fetch (param i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 0) "%s")
                  (func (export "handler") (result i32)
                    (drop (call $http_fetch (i32.const 0) (i32.const %d)))
                    (i32.const 0)))""".formatted(request.replace("\"", "\\\""), request.length());
    }

    /** Runs one statement after the other, whatever becomes of them, and then fails. */
    static String queryingAndFailing(String first, String second) {
        return """
                (module
                  (import "aerodb_v1" "db_query" (func $db_query (param i32 i32 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 0) "%s")
                  (data (i32.const 1024) "%s")
                  (func (export "handler") (result i32)
                    (drop (call $db_query (i32.const 0) (i32.const %d) (i32.const 0) (i32.const 0)))
                    (drop (call $db_query (i32.const 1024) (i32.const %d) (i32.const 0) (i32.const 0)))
                    (i32.const 1)))""".formatted(first, second, first.length(), second.length());
    }

    /** Logs a line, writes a text and returns a status. */
    static String answering(String text, int status) {
        return """
                (module
                  (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
                  (import "aerodb_v1" "log" (func $log (param i32 i32 i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 0) "about to answer")
                  (data (i32.const 64) "%s")
                  (func (export "handler") (result i32)
                    (call $log (i32.const 1) (i32.const 0) (i32.const 15))
                    (call $output_write (i32.const 64) (i32.const %d))
                    (i32.const %d)))""".formatted(text.replace("\\", "\\\\").replace("\"", "\\\""), text.length(), status);
    }
}
