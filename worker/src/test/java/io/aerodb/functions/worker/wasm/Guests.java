package io.aerodb.functions.worker.wasm;

import com.dylibso.chicory.wabt.Wat2Wasm;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.worker.module.TestArtefacts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A sandbox with one thread for its guests, who are written as WebAssembly text. */
final class Guests implements AutoCloseable {

    static final long BUDGET_BYTES = 256 * Limits.MIB;

    /** For guests who ask nothing of the world outside. */
    static final GuestServices NO_SERVICES = new GuestServices() {
        @Override
        public HostAnswer dbQuery(String sql, byte[] params, Duration remaining) {
            throw new AssertionError("no query was expected");
        }

        @Override
        public HostAnswer httpFetch(byte[] request, Duration remaining) {
            throw new AssertionError("no request was expected");
        }
    };

    final Sandbox sandbox;
    final ExecutorService thread = Executors.newSingleThreadExecutor(new GuestThreads());

    /** One that compiles in a child process, as workers do. */
    public static Sandbox sandbox(long memoryBudgetBytes) {
        return sandbox(SandboxEngine.ENDIVE, memoryBudgetBytes);
    }

    static Sandbox sandbox(SandboxEngine engine, long memoryBudgetBytes) {
        return new Sandbox(engine, memoryBudgetBytes, TestArtefacts.any());
    }

    /** @param sandbox is closed with this */
    Guests(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    /** A module with the imports, one page of memory where the text has none, and a handler of this body. */
    static String handler(String body) {
        return module("(memory (export \"memory\") 1)", "(func (export \"handler\") (result i32) " + body + ")");
    }

    static String module(String... fields) {
        return """
                (module
                  (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "context_read" (func $context_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
                  (import "aerodb_v1" "env_get" (func $env_get (param i32 i32) (result i32)))
                  (import "aerodb_v1" "log" (func $log (param i32 i32 i32)))
                  (import "aerodb_v1" "result_read" (func $result_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "db_query" (func $db_query (param i32 i32 i32 i32) (result i32)))
                  (import "aerodb_v1" "http_fetch" (func $http_fetch (param i32 i32) (result i32)))
                """ + String.join("\n", fields) + ")";
    }

    CompiledModule compile(String wat) {
        var wasm = Wat2Wasm.parse(wat);
        try {
            return sandbox.compile(ModuleHash.of(wasm), wasm);
        } catch (ModuleRejectedException | InterruptedException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    Execution run(String wat) {
        return run(compile(wat), call());
    }

    Execution run(String wat, GuestCall call) {
        return run(compile(wat), call);
    }

    Execution run(CompiledModule module, GuestCall call) {
        try {
            return thread.submit(() -> sandbox.run(module, call)).get();
        } catch (ExecutionException e) {
            throw new AssertionError("the sandbox failed", e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static GuestCall call() {
        return call("", Limits.DEFAULT);
    }

    static GuestCall call(String input) {
        return call(input, Limits.DEFAULT);
    }

    static GuestCall call(String input, Limits limits) {
        return new GuestCall(bytes(input), bytes("{}"), Map.of(), NO_SERVICES, limits, Duration.ofMinutes(1));
    }

    static GuestCall withTimeout(long millis) {
        return call("", new Limits(Duration.ofMillis(millis), Limits.DEFAULT.memoryBytes()));
    }

    static GuestCall withMemory(long mebibytes) {
        return call("", new Limits(Limits.DEFAULT.timeout(), mebibytes * Limits.MIB));
    }

    static GuestCall withEnv(String key, String value) {
        return new GuestCall(bytes(""), bytes("{}"), Map.of(key, value), NO_SERVICES, Limits.DEFAULT, Duration.ofMinutes(1));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        sandbox.close();
    }
}
