package io.aerodb.functions.gateway.module;

import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Compiles WAT, each text on a thread of its own that is given up when it takes too long. A thread that was given up counts
 * as running until it has really ended. Safe for use by many threads.
 */
final class WatCompiler {

    private static final String NAME = "wat-compiler";
    private static final int COMPILATIONS_AT_ONCE = 2;
    private static final Duration TIME_LIMIT = Duration.ofSeconds(10);

    private final Semaphore turns = new Semaphore(COMPILATIONS_AT_ONCE, true);
    private final Wat2Wasm wat2wasm = new Wat2Wasm();
    private final Duration timeLimit;

    WatCompiler() {
        this(TIME_LIMIT);
    }

    WatCompiler(Duration timeLimit) {
        this.timeLimit = timeLimit;
    }

    /**
     * @param source UTF-8
     * @throws io.aerodb.functions.function.InvalidFunctionException naming lines and columns of what is wrong
     * @throws UnavailableException if others had all the turns for as long as a compilation may take, or on interruption
     */
    byte[] compile(byte[] source) {
        if (source.length > Bounds.WAT_BYTES) {
            throw Refusal.tooLarge("the WAT text has " + source.length + " bytes, at most " + Bounds.WAT_BYTES
                    + " are allowed: compile it and upload the .wasm");
        }
        var task = new FutureTask<>(() -> wat2wasm.compile(source));
        try {
            if (!turns.tryAcquire(timeLimit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new UnavailableException(NAME, "too many WAT texts are being compiled");
            }
            Thread.ofPlatform().daemon().name(NAME).start(() -> {
                try {
                    task.run();
                } finally {
                    turns.release();
                }
            });
            return switch (task.get(timeLimit.toMillis(), TimeUnit.MILLISECONDS)) {
                case Wat2Wasm.Compiled(var wasm) -> wasm;
                case Wat2Wasm.Failed(var errors) -> throw Refusal.invalid(errors);
            };
        } catch (TimeoutException e) {
            task.cancel(true);
            throw Refusal.invalid("the WAT text takes longer than " + timeLimit.toMillis()
                    + " ms to compile: compile it and upload the .wasm");
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new UnavailableException(NAME, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the WAT compiler failed", e.getCause());
        }
    }
}
