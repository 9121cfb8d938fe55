package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The client from npm, unmodified and in Node, calls functions; what it does is in {@code supabase-js/invoke.test.js}. */
class SupabaseClientIT {

    /** Answers with its context as JSON, and its payload in hexadecimal. */
    private static final String MIRROR = """
            (module
              (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "context_read" (func $context_read (param i32 i32) (result i32)))
              (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
              (memory (export "memory") 64)
              (data (i32.const 0) "{\\"context\\":")
              (data (i32.const 16) ",\\"body\\":\\"")
              (data (i32.const 32) "\\"}")
              (data (i32.const 48) "0123456789abcdef")
              (func (export "handler") (result i32) (local $length i32) (local $at i32) (local $byte i32)
                (call $output_write (i32.const 0) (i32.const 11))
                (call $output_write (i32.const 1024) (call $context_read (i32.const 1024) (i32.const 131072)))
                (call $output_write (i32.const 16) (i32.const 9))
                (local.set $length (call $input_read (i32.const 262144) (i32.const 1048576)))
                (block $end
                  (loop $next
                    (br_if $end (i32.ge_u (local.get $at) (local.get $length)))
                    (local.set $byte (i32.load8_u offset=262144 (local.get $at)))
                    (i32.store8 offset=2097152 (i32.shl (local.get $at) (i32.const 1))
                      (i32.load8_u offset=48 (i32.shr_u (local.get $byte) (i32.const 4))))
                    (i32.store8 offset=2097153 (i32.shl (local.get $at) (i32.const 1))
                      (i32.load8_u offset=48 (i32.and (local.get $byte) (i32.const 15))))
                    (local.set $at (i32.add (local.get $at) (i32.const 1)))
                    (br $next)))
                (call $output_write (i32.const 2097152) (i32.shl (local.get $length) (i32.const 1)))
                (call $output_write (i32.const 32) (i32.const 2))
                (i32.const 0)))""";

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(NpmPackages.isNpmThere(), "npm is not installed, so the client from npm is not tried");
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
        api.deployed("mirror", MIRROR, "{}");
        api.deployed("echo", Functions.ECHO, "{}");
        api.deployed("text", Functions.answering("{\"statusCode\": 200, \"body\": \"short and stout\"}", 0), "{}");
        api.deployed("form", Functions.answering("{\"statusCode\": 200, \"headers\": {\"content-type\": \"multipart/form-data; boundary=x\"}, "
                + "\"body\": \"--x\\r\\nContent-Disposition: form-data; name=\\\"answer\\\"\\r\\n\\r\\n42\\r\\n--x--\\r\\n\"}", 0), "{}");
        api.deployed("failing", Functions.answering("no stock", 3), "{}");
        api.deployed("refusing", Functions.answering("{\"statusCode\": 422, \"body\": {\"field\": \"name\"}}", 0), "{}");
        api.deployed("loop", Functions.LOOP, "{\"timeout_ms\": 1000}");
    }

    @AfterAll
    static void stop() {
        if (platform != null) {
            platform.close();
        }
    }

    @Test
    void servesTheClientFromNpm() throws Exception {
        var client = NpmPackages.install("supabase-js");
        var ended = AerofnCommand.run(
                Map.of("AEROFN_URL", api.url().toString(), "ANON_TOKEN", Api.token(Role.ANON, null), "USER_TOKEN", Api.token(Role.AUTHENTICATED)),
                List.of(client.node(), "--test", "--test-reporter=spec", client.path("invoke.test.js")));
        assertEquals(0, ended.status(), ended::output);
    }
}
