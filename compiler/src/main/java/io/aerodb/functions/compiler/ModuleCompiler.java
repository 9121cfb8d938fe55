package io.aerodb.functions.compiler;

import io.aerodb.functions.compiler.CompilerProcess.Compiled;
import io.aerodb.functions.compiler.CompilerProcess.Died;
import io.aerodb.functions.compiler.CompilerProcess.Ending;
import io.aerodb.functions.compiler.CompilerProcess.Invalid;
import io.aerodb.functions.compiler.CompilerProcess.OutOfMemory;
import io.aerodb.functions.compiler.CompilerProcess.OutOfTime;
import io.aerodb.functions.compiler.CompilerProcess.TooLarge;
import io.aerodb.functions.function.ModuleArtefact;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.metrics.Histograms;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles modules within a limit of time and of memory, at most two at once and each in a child process. A process is used again
 * after it did its work, and ended when a module wanted too much. Thread-safe; closing it ends all processes.
 */
public final class ModuleCompiler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModuleCompiler.class);
    private static final int AT_ONCE = 2;
    private static final long MIB = 1 << 20;
    private static final List<String> RESULTS = List.of("compiled", "invalid", "too_large", "out_of_time", "out_of_memory", "died");

    private final CompilerSettings settings;
    private final Artefacts artefacts;
    private final MeterRegistry metrics;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final Set<CompilerProcess> processes = new HashSet<>();
    private final Deque<CompilerProcess> idle = new ArrayDeque<>();
    private boolean closed;

    public ModuleCompiler(CompilerSettings settings, Artefacts artefacts, MeterRegistry metrics) {
        this.settings = settings;
        this.artefacts = artefacts;
        this.metrics = metrics;
        RESULTS.forEach(this::times); // a counter that is there from the start shows its first increase
    }

    /** What its artefacts are stored under. */
    public String engine() {
        return artefacts.engine();
    }

    /** Starts a process in the background, so that the first module need not wait for it. */
    public void prepare() {
        Thread.ofPlatform().name("compiler-start").daemon().start(() -> {
            try {
                giveBack(started());
            } catch (UnavailableException e) {
                if (!isClosed()) {
                    LOG.atError().setCause(e).log("no module can be compiled for now");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /**
     * Compiles a module. Takes milliseconds to seconds, and on hostile input up to the limit.
     *
     * @param wasm a module that passed the checks of its format and size; the limits hold whatever it is
     * @throws UncompilableException if the engine does not take it, or it wants too much time or memory
     * @throws UnavailableException if others had all the turns for as long as a compilation may take, or no process does its work
     */
    public ModuleArtefact compile(ModuleHash hash, byte[] wasm) throws UncompilableException, InterruptedException {
        if (!turns.tryAcquire(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
            throw new UnavailableException("compiler", "too many modules are being compiled");
        }
        try {
            var started = System.nanoTime();
            var ending = compile(wasm);
            times(result(ending)).record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
            return switch (ending) {
                case Compiled(var form) -> artefacts.seal(hash, form);
                case Invalid(var message) -> throw new UncompilableException(message);
                case TooLarge() -> throw new UncompilableException("the module is too large in compiled form");
                case OutOfTime() -> throw new UncompilableException(
                        "the module takes longer than " + settings.timeout().toMillis() + " ms to compile");
                case OutOfMemory() -> throw new UncompilableException(
                        "the module needs more than " + settings.memoryBytes() / MIB + " MB to compile");
                case Died(var status, _) -> throw new UnavailableException("compiler",
                        "the process that compiled the module ended with status " + status);
            };
        } finally {
            turns.release();
        }
    }

    /** That a process died is no verdict on the module: something else may have ended it, so another one tries. */
    private Ending compile(byte[] wasm) throws InterruptedException {
        var ending = compileOnce(wasm);
        return ending instanceof Died ? compileOnce(wasm) : ending;
    }

    private Ending compileOnce(byte[] wasm) throws InterruptedException {
        var process = take();
        var hasAnswered = false;
        try {
            var ending = process.compile(wasm, settings.timeout());
            hasAnswered = ending instanceof Compiled || ending instanceof Invalid;
            if (ending instanceof Died(var status, var errors)) {
                requireOpen();
                LOG.atWarn().addKeyValue("status", status).addKeyValue("errors", errors).log("a process that compiled a module ended");
            }
            return ending;
        } finally {
            if (hasAnswered) {
                giveBack(process);
            } else {
                end(process); // an answer that is left unread would be taken for that of the next module
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private void requireOpen() {
        if (isClosed()) {
            throw new UnavailableException("compiler", "the compiler is being stopped");
        }
    }

    private CompilerProcess take() throws InterruptedException {
        synchronized (this) {
            for (var process = idle.poll(); process != null; process = idle.poll()) {
                if (process.isUsable()) {
                    return process;
                }
                end(process);
            }
        }
        return started();
    }

    private CompilerProcess started() throws InterruptedException {
        CompilerProcess process;
        synchronized (this) {
            requireOpen();
            process = CompilerProcess.start(settings.memoryBytes());
            processes.add(process);
        }
        try {
            process.awaitReady();
            return process;
        } catch (UnavailableException | InterruptedException e) {
            end(process);
            throw e;
        }
    }

    private synchronized void giveBack(CompilerProcess process) {
        if (!closed && processes.size() <= AT_ONCE && process.isUsable()) {
            idle.push(process);
        } else {
            end(process);
        }
    }

    private synchronized void end(CompilerProcess process) {
        process.kill();
        processes.remove(process);
    }

    private Timer times(String result) {
        return Histograms.ofTimes("compiler.compile", "Time to compile a module in a child process").tag("result", result).register(metrics);
    }

    private static String result(Ending ending) {
        return switch (ending) {
            case Compiled _ -> "compiled";
            case Invalid _ -> "invalid";
            case TooLarge _ -> "too_large";
            case OutOfTime _ -> "out_of_time";
            case OutOfMemory _ -> "out_of_memory";
            case Died _ -> "died";
        };
    }

    @Override
    public void close() throws InterruptedException {
        Set<CompilerProcess> running;
        synchronized (this) {
            closed = true;
            running = Set.copyOf(processes);
            running.forEach(CompilerProcess::kill);
        }
        for (var process : running) {
            process.awaitEnd();
        }
    }
}
