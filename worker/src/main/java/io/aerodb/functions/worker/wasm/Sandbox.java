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
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.Parser;

/**
 * Compiles modules and runs them, each run in a fresh instance and within its limits. Any number of threads may use it at the same
 * time. Closing it stops the watching of deadlines, so it is closed after the last run has ended.
 */
public final class Sandbox implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);
    private static final String STACK_EXHAUSTED = "the function's call stack is exhausted";

    /** Custom sections are left unread: nothing here needs them, and reading their names takes time quadratic in their number. */
    private static final Parser PARSER = Parser.builder().withCustomParsers(Map.of()).build();

    private final MemoryBudget memory;
    private final Deadlines deadlines;

    /** @param memoryBudgetBytes what all runs together may have as linear memory, all of it JVM heap */
    public Sandbox(long memoryBudgetBytes) {
        WarmUp.run();
        memory = new MemoryBudget(memoryBudgetBytes);
        deadlines = new Deadlines();
    }

    /** The linear memory of all runs that are going on. */
    public long memoryUsedBytes() {
        return memory.usedBytes();
    }

    @Override
    public void close() {
        deadlines.close();
    }

    /**
     * Takes milliseconds to seconds, on the caller's thread. A function too big for a JVM method is interpreted.
     *
     * @throws ModuleRejectedException if the bytes do not fit the hash, or are no module that could be run
     */
    public CompiledModule compile(ModuleHash hash, byte[] wasm) throws ModuleRejectedException {
        if (!hash.matches(wasm)) {
            throw new ModuleRejectedException("the module's bytes do not fit its hash");
        }
        CodeSize.check(wasm);
        try {
            var module = PARSER.parse(() -> new ByteArrayInputStream(wasm));
            ModuleRules.check(module);
            return new CompiledModule(hash, module, MachineFactoryCompiler.builder(module)
                    .withInterpreterFallback(InterpreterFallback.SILENT)
                    .compile());
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            // the engine's own exceptions, and whatever else its parser or compiler stumbles over in bytes like these
            throw new ModuleRejectedException("the module is malformed or invalid: " + reason(e), e);
        }
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
        var io = new GuestIo(call, startNanos);
        GuestMemory guestMemory;
        try {
            guestMemory = GuestMemory.allocate(module.memory(), call.limits().memoryBytes(), memory, io);
        } catch (MemoryRefusedException e) {
            return new Execution(new MemoryExceeded(e.getMessage()), since(startNanos), 0, List.of(), false);
        }
        try {
            var outcome = watched(module, guestMemory, startNanos + call.wallClock().toNanos());
            return new Execution(outcome, since(startNanos), guestMemory.sizeBytes(), io.log().lines(), io.log().truncated());
        } finally {
            guestMemory.release();
        }
    }

    private Outcome watched(CompiledModule module, GuestMemory guestMemory, long endNanos) throws InterruptedException {
        Optional<Outcome> ending;
        boolean late;
        var deadline = deadlines.start(endNanos);
        try {
            ending = ending(module, guestMemory);
        } finally {
            late = deadline.end();
        }
        if (late) {
            return timedOut(guestMemory.io().call());
        }
        if (ending.isEmpty()) {
            Thread.interrupted();
            throw new InterruptedException();
        }
        return ending.get();
    }

    /** How the guest itself ended; empty if an interrupt stopped it. */
    private static Optional<Outcome> ending(CompiledModule module, GuestMemory guestMemory) {
        try {
            var status = module.call(guestMemory);
            return Optional.of(status == 0
                    ? new Succeeded(guestMemory.io().output().bytes())
                    : gaveUp("the function returned " + status, guestMemory));
        } catch (WasmInterruptedException e) {
            return Optional.empty();
        } catch (GuestAbort e) {
            return Optional.of(gaveUp(e.getMessage(), guestMemory));
        } catch (HostFault e) {
            LOG.atError().setCause(e).addKeyValue("module", module.hash()).log("a host function failed");
            return Optional.of(failed(Failure.HOST_FUNCTION_ERROR, e.getMessage(), guestMemory));
        } catch (StackOverflowError e) {
            return Optional.of(failed(Failure.FUNCTION_ERROR, STACK_EXHAUSTED, guestMemory));
        } catch (RuntimeException e) {
            // the engine has no common type for traps
            return Optional.of(e.getCause() instanceof StackOverflowError
                    ? failed(Failure.FUNCTION_ERROR, STACK_EXHAUSTED, guestMemory)
                    : gaveUp("the function trapped: " + reason(e), guestMemory));
        }
    }

    /** A function that was refused memory and then gives up, gives up for that. */
    private static Outcome gaveUp(String message, GuestMemory guestMemory) {
        var refusal = guestMemory.refusal();
        return refusal != null ? new MemoryExceeded(refusal) : failed(Failure.FUNCTION_ERROR, message, guestMemory);
    }

    private static Failed failed(Failure failure, String message, GuestMemory guestMemory) {
        return new Failed(failure, message, guestMemory.io().output().bytes());
    }

    private static TimedOut timedOut(GuestCall call) {
        return new TimedOut(call.deadlineIsNearer()
                ? "the function was still running when its invocation's deadline passed"
                : "the function ran longer than its timeout of " + call.limits().timeout().toMillis() + " ms");
    }

    private static String reason(Throwable e) {
        return e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
    }

    private static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }
}
