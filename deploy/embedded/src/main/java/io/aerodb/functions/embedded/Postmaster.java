package io.aerodb.functions.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A running PostgreSQL server, which may be the child of a JVM that is no more. */
record Postmaster(ProcessHandle process) {

    private static final Duration FAST = Duration.ofSeconds(20);
    private static final Duration IMMEDIATE = Duration.ofSeconds(5);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    /**
     * The server that still runs on {@code data} although its JVM is gone. A file that names some other process, as
     * after a reboot, is removed: PostgreSQL would take that process for a server and refuse to start.
     */
    static Optional<Postmaster> leftBehindIn(Path data) throws IOException {
        var process = PostmasterFile.in(data).flatMap(file -> ProcessHandle.of(file.pid()));
        if (process.isPresent() && !serves(process.get(), data)) {
            PostmasterFile.delete(data);
            return Optional.empty();
        }
        return process.map(Postmaster::new);
    }

    private static boolean serves(ProcessHandle process, Path data) {
        var info = process.info();
        boolean isPostgres = info.command().map(Path::of).filter(program -> program.endsWith("postgres")).isPresent();
        return isPostgres && Stream.of(info.arguments().orElse(new String[0])).anyMatch(it -> isSame(it, data));
    }

    private static boolean isSame(String argument, Path data) {
        try {
            return argument.startsWith("/") && Files.isSameFile(Path.of(argument), data);
        } catch (IOException _) {
            return false;
        }
    }

    /** Ends sessions and writes a checkpoint; without one if that takes too long. Returns once the server is gone. */
    void stop() {
        if (!isRunning(process)) {
            return;
        }
        signal("INT");
        if (haveEndedWithin(FAST, List.of(process))) {
            return;
        }
        signal("QUIT");
        if (!haveEndedWithin(IMMEDIATE, List.of(process))) {
            kill();
        }
    }

    /** SIGKILL for the server and its children, as if the machine had crashed. Returns once they are gone. */
    void kill() {
        var all = Stream.concat(Stream.of(process), process.descendants()).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        haveEndedWithin(IMMEDIATE, all);
    }

    private static boolean haveEndedWithin(Duration time, List<ProcessHandle> processes) {
        long deadline = System.nanoTime() + time.toNanos();
        while (processes.stream().anyMatch(Postmaster::isRunning)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return true;
    }

    /**
     * Unlike isAlive and onExit not fooled by a dead process that nobody has reaped. In a container the first process
     * may never do so for what is not its child.
     */
    static boolean isRunning(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }

    /** Java itself can send only SIGTERM, on which PostgreSQL waits for its clients to leave, and SIGKILL. */
    private void signal(String name) {
        Command.succeeds("/bin/sh", "-c", "kill -" + name + " " + process.pid());
    }
}
