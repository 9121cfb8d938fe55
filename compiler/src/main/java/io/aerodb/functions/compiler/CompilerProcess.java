package io.aerodb.functions.compiler;

import io.aerodb.functions.compiler.child.CompilerMain;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A child JVM that compiles one module after the other. It has a heap of its own, nothing of our environment, and ends when this
 * process does. For one thread at a time, except for {@link #kill}.
 */
final class CompilerProcess {

    private static final Duration START_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration END_PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_COMPILATIONS = 200;
    private static final int MAX_ANSWER_BYTES = 48 << 20;
    /** What a JVM with {@code ExitOnOutOfMemoryError} exits with. */
    private static final int OUT_OF_MEMORY = 3;

    private final Process process;
    private final DataOutputStream modules;
    private final DataInputStream answers;
    private final ErrorOutput errors;
    private int compilations;
    private volatile boolean late;

    /** How a compilation ended. Only after the first two the process can be used again. */
    sealed interface Ending {}

    /** @param form as {@link CompiledForm#write} wrote it */
    record Compiled(byte[] form) implements Ending {}

    record Invalid(String message) implements Ending {}

    record TooLarge() implements Ending {}

    record OutOfTime() implements Ending {}

    record OutOfMemory() implements Ending {}

    /** @param errors what it wrote to standard error */
    record Died(int status, String errors) implements Ending {}

    private CompilerProcess(Process process) {
        this.process = process;
        this.modules = new DataOutputStream(process.getOutputStream());
        this.answers = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
        this.errors = new ErrorOutput(process.getErrorStream());
    }

    /**
     * Starts one; it answers {@link #compile} as soon as it is ready.
     *
     * @throws UnavailableException if there can be none
     */
    static CompilerProcess start(long memoryBytes) {
        var builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms16m", "-Xmx" + memoryBytes, "-Xss16m", "-XX:MaxMetaspaceSize=256m", "-XX:TieredStopAtLevel=1",
                // gives memory back between modules
                "-XX:+UseSerialGC", "-XX:MinHeapFreeRatio=10", "-XX:MaxHeapFreeRatio=30", "-XX:-ShrinkHeapInSteps",
                // ends without leaving files
                "-XX:+ExitOnOutOfMemoryError", "-XX:+DisplayVMOutputToStderr", "-XX:+ErrorFileToStderr",
                "-XX:-CreateCoredumpOnCrash", "-XX:-UsePerfData",
                "-cp", ChildClassPath.find(), CompilerMain.class.getName());
        builder.environment().clear();
        builder.directory(Path.of(System.getProperty("java.io.tmpdir")).toFile());
        try {
            return new CompilerProcess(builder.start());
        } catch (IOException e) {
            throw new UnavailableException("compiler", e);
        }
    }

    /** @throws UnavailableException if it does not come up */
    void awaitReady() throws InterruptedException {
        var watch = killAfter(START_TIMEOUT);
        try {
            if (answers.readByte() == CompilerMain.READY) {
                return;
            }
        } catch (IOException e) {
            // it has ended, or will be ended here
        } finally {
            watch.cancel(false);
        }
        kill();
        process.waitFor(END_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        throw new UnavailableException("compiler", "a process that compiles modules could not be started: " + errors.text());
    }

    Ending compile(byte[] module, Duration timeout) throws InterruptedException {
        compilations++;
        var watch = killAfter(timeout);
        try {
            modules.writeInt(module.length);
            modules.write(module);
            modules.flush();
            return answer();
        } catch (IOException e) {
            return ending();
        } finally {
            watch.cancel(false);
        }
    }

    /** Whether it can compile another module. */
    boolean isUsable() {
        return compilations < MAX_COMPILATIONS && !late && process.isAlive();
    }

    /** Ends it at once, whatever it does. Does nothing if it has ended. */
    void kill() {
        process.destroyForcibly();
    }

    /** Waits until it is gone. */
    void awaitEnd() throws InterruptedException {
        process.waitFor();
    }

    private Ending answer() throws IOException {
        var status = answers.readByte();
        var length = answers.readInt();
        if (length > MAX_ANSWER_BYTES) {
            kill();
            return new TooLarge();
        }
        var bytes = readFully(answers, length);
        return switch (status) {
            case CompilerMain.COMPILED -> new Compiled(bytes);
            case CompilerMain.INVALID -> new Invalid(new String(bytes, StandardCharsets.UTF_8));
            default -> throw new IOException("a compiler answered with the status " + status);
        };
    }

    private static byte[] readFully(InputStream in, int length) throws IOException {
        var bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("a compiler ended in the middle of its answer");
        }
        return bytes;
    }

    private Ending ending() throws InterruptedException {
        if (!process.waitFor(END_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            kill();
            process.waitFor();
        }
        if (late) {
            return new OutOfTime();
        }
        return process.exitValue() == OUT_OF_MEMORY ? new OutOfMemory() : new Died(process.exitValue(), errors.text());
    }

    private Future<?> killAfter(Duration timeout) {
        return CompletableFuture.runAsync(() -> {
            late = true;
            kill();
        }, CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS, Runnable::run));
    }
}
