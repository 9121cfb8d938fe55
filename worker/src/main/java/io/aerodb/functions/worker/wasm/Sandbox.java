package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Expired;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.MemoryExceeded;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.invocation.Outcome.TimedOut;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles modules and runs them, each run in a fresh instance and within its limits. Any number of threads may use it at the same
 * time. Closing it stops the watching of deadlines, so it is closed after the last run has ended.
 */
public final class Sandbox implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);

    private final MemoryBudget memory;
    private final Deadlines deadlines;
    private final Engine engine;

    /**
     * @param memoryBudgetBytes what all runs together may have as linear memory, which is JVM heap with {@link SandboxEngine#ENDIVE}
     * @param forms used by that engine only
     * @throws EngineUnavailableException if the engine cannot run on this machine
     */
    public Sandbox(SandboxEngine engine, long memoryBudgetBytes, CompiledForms forms) {
        this.engine = engine.start(forms);
        memory = new MemoryBudget(memoryBudgetBytes);
        deadlines = new Deadlines();
    }

    /** The linear memory of all runs that are going on, with their large outputs and answers. */
    public long memoryUsedBytes() {
        return memory.usedBytes();
    }

    @Override
    public void close() {
        deadlines.close();
        engine.close();
    }

    /**
     * Takes milliseconds to seconds, on the caller's thread.
     *
     * @throws ModuleRejectedException if the bytes do not fit the hash, or are no module that could be run
     * @throws UnavailableException if something it takes is away for now
     */
    public CompiledModule compile(ModuleHash hash, byte[] wasm) throws ModuleRejectedException, InterruptedException {
        if (!hash.matches(wasm)) {
            throw new ModuleRejectedException("the module's bytes do not fit its hash");
        }
        CodeSize.check(wasm);
        return engine.compile(hash, wasm);
    }

    /**
     * Runs a function once, on the current thread, which has to come from {@link GuestThreads}. Every way in which the function can
     * end or be ended is an outcome.
     *
     * @throws InterruptedException if the thread was interrupted by anyone but the sandbox; the function was stopped
     */
    public Execution run(CompiledModule module, GuestCall call) throws InterruptedException {
        if (!GuestThreads.isCurrent()) {
            throw new IllegalStateException("functions run on threads made by GuestThreads, not on " + Thread.currentThread());
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!call.remaining().isPositive()) {
            return Execution.notRun(new Expired("the deadline had passed before the function could be run"));
        }
        var startNanos = System.nanoTime();
        MemoryAccount account;
        try {
            account = MemoryAccount.open(module.memory(), call.limits().memoryBytes(), memory);
        } catch (MemoryRefusedException e) {
            return new Execution(new MemoryExceeded(e.getMessage()), since(startNanos), 0, List.of(), false);
        }
        try {
            var run = new GuestRun(call, account, startNanos);
            var outcome = watched(module, run);
            run.end();
            return new Execution(outcome, since(startNanos), account.bytes(), run.log().lines(), run.log().truncated());
        } finally {
            account.release();
        }
    }

    private Outcome watched(CompiledModule module, GuestRun run) throws InterruptedException {
        Optional<Outcome> ending;
        boolean late;
        var deadline = deadlines.start(run.endNanos());
        try {
            ending = ending(module, run);
        } finally {
            late = deadline.end();
        }
        // a function that was told so by its last host call may end by itself before it is interrupted
        if (late || run.remaining().isNegative()) {
            return timedOut(run.call());
        }
        if (ending.isEmpty()) {
            Thread.interrupted();
            throw new InterruptedException();
        }
        return ending.get();
    }

    /** How the guest itself ended; empty if an interrupt stopped it. */
    private static Optional<Outcome> ending(CompiledModule module, GuestRun run) {
        try {
            var status = module.run(run);
            return Optional.of(ended(status, "the function returned " + status, run));
        } catch (GuestEnd end) {
            return switch (end) {
                case GuestExit exit -> Optional.of(ended(exit.status(), exit.getMessage(), run));
                case GuestAbort abort -> Optional.of(gaveUp(abort.getMessage(), run));
                case GuestStackExhausted exhausted -> Optional.of(failed(Failure.FUNCTION_ERROR, exhausted.getMessage(), run));
                case HostFault fault -> {
                    LOG.atError().setCause(fault).addKeyValue("module", module.hash()).log("a host call failed");
                    yield Optional.of(failed(Failure.HOST_FUNCTION_ERROR, fault.getMessage(), run));
                }
                case GuestInterrupted _ -> Optional.empty();
            };
        } catch (OutOfMemoryError e) {
            return Optional.of(new MemoryExceeded("the worker's memory was used up; the function's own limit was not reached"));
        } catch (RuntimeException | Error e) {
            // it has begun, and what it did before may stay: nobody may take it for one that was not run
            LOG.atError().setCause(e).addKeyValue("module", module.hash()).log("a run broke");
            return Optional.of(failed(Failure.HOST_FUNCTION_ERROR, "the worker failed while the function ran", run));
        }
    }

    private static Outcome ended(int status, String message, GuestRun run) {
        return status == 0 ? new Succeeded(run.output().bytes()) : gaveUp(message, run);
    }

    /** A function that was refused memory and then gives up, gives up for that. */
    private static Outcome gaveUp(String message, GuestRun run) {
        var refusal = run.memory().refusal();
        return refusal != null ? new MemoryExceeded(refusal) : failed(Failure.FUNCTION_ERROR, message, run);
    }

    private static Failed failed(Failure failure, String message, GuestRun run) {
        return new Failed(failure, message, run.output().bytes());
    }

    private static TimedOut timedOut(GuestCall call) {
        return new TimedOut(call.deadlineIsNearer()
                ? "the function was still running when its invocation's deadline passed"
                : "the function ran longer than its timeout of " + call.limits().timeout().toMillis() + " ms");
    }

    private static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }
}
