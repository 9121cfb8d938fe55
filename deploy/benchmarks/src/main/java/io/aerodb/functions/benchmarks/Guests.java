package io.aerodb.functions.benchmarks;

import com.dylibso.chicory.wabt.Wat2Wasm;
import io.aerodb.functions.compiler.ArtefactRefusedException;
import io.aerodb.functions.compiler.Artefacts;
import io.aerodb.functions.compiler.CompilerSettings;
import io.aerodb.functions.compiler.ModuleCompiler;
import io.aerodb.functions.compiler.UncompilableException;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.worker.wasm.CompiledModule;
import io.aerodb.functions.worker.wasm.GuestCall;
import io.aerodb.functions.worker.wasm.GuestServices;
import io.aerodb.functions.worker.wasm.HostAnswer;
import io.aerodb.functions.worker.wasm.ModuleRejectedException;
import io.aerodb.functions.worker.wasm.Sandbox;
import io.aerodb.functions.worker.wasm.SandboxEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** Functions written as WebAssembly text, and what they are called with. */
final class Guests {

    private static final long BUDGET_BYTES = 512 * Limits.MIB;
    static final String NOTHING = "i32.const 0";
    static final String ECHO = """
            (call $output_write (i32.const 0) (call $input_read (i32.const 0) (i32.const 60000)))
            i32.const 0""";
    static final String ENDLESS = "(loop (br 0)) i32.const 0";

    private static final GuestServices SERVICES = new GuestServices() {

        private final HostAnswer answer = HostAnswer.of("{}");

        @Override
        public HostAnswer dbQuery(String sql, byte[] params, Duration remaining) {
            return answer;
        }

        @Override
        public HostAnswer httpFetch(byte[] request, Duration remaining) {
            return answer;
        }
    };

    private Guests() {}

    /** A module with this handler and, at its start, so many pages of memory. */
    static byte[] module(int pages, String handler, String... fields) {
        return Wat2Wasm.parse("""
                (module
                  (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
                  (import "aerodb_v1" "env_get" (func $env_get (param i32 i32) (result i32)))
                  (import "aerodb_v1" "log" (func $log (param i32 i32 i32)))
                  (import "aerodb_v1" "result_read" (func $result_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "http_fetch" (func $http_fetch (param i32 i32) (result i32)))
                  (memory (export "memory") %d)
                  %s
                  (func (export "handler") (result i32) %s))""".formatted(pages, String.join("\n", fields), handler));
    }

    /** The body of a handler that does this so many times and succeeds. */
    static String repeated(int times, String instructions) {
        return """
                (local $i i32)
                (loop $l %s (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const %d))))
                i32.const 0""".formatted(instructions, times);
    }

    /** One that compiles in a child process, as workers do, and keeps nothing. */
    static Sandbox sandbox() {
        var settings = Settings.of("worker", Map.of("AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="));
        var artefacts = new Artefacts(RecordKeys.read(settings));
        var compiler = new ModuleCompiler(CompilerSettings.read(settings), artefacts, new SimpleMeterRegistry());
        return new Sandbox(SandboxEngine.ENDIVE, BUDGET_BYTES, (hash, wasm) -> {
            try {
                return artefacts.open(hash, compiler.compile(hash, wasm).bytes());
            } catch (UncompilableException | ArtefactRefusedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    static CompiledModule compile(Sandbox sandbox, byte[] wasm) throws ModuleRejectedException, InterruptedException {
        return sandbox.compile(ModuleHash.of(wasm), wasm);
    }

    static GuestCall call() {
        return call(Limits.DEFAULT);
    }

    static GuestCall call(Limits limits) {
        return new GuestCall("hello, world".getBytes(StandardCharsets.UTF_8), "{}".getBytes(StandardCharsets.UTF_8), Map.of("A", "value"),
                SERVICES, limits, Duration.ofMinutes(10));
    }

    static GuestCall callWithMemory(long mebibytes) {
        return call(new Limits(Limits.DEFAULT.timeout(), mebibytes * Limits.MIB));
    }

    /** What does not do what is to be measured is not measured. */
    static Execution requireSucceeded(Execution execution) {
        if (!(execution.outcome() instanceof Outcome.Succeeded)) {
            throw new IllegalStateException("the function did not succeed: " + execution.outcome().message());
        }
        return execution;
    }
}
