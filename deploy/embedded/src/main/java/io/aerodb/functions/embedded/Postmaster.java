package io.aerodb.functions.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A running PostgreSQL server, which may be the child of a JVM that is no more. */
record Postmaster(ProcessHandle process) {

    private static final int FAST_SECONDS = 20;
    private static final int IMMEDIATE_SECONDS = 5;

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
        if (!process.isAlive()) {
            return;
        }
        signal("INT");
        if (isGoneWithin(FAST_SECONDS)) {
            return;
        }
        signal("QUIT");
        if (!isGoneWithin(IMMEDIATE_SECONDS)) {
            kill();
        }
    }

    /** SIGKILL for the server and its children, as if the machine had crashed. Returns once they are gone. */
    void kill() {
        var children = process.descendants().toList();
        process.destroyForcibly();
        process.onExit().join();
        children.forEach(ProcessHandle::destroyForcibly);
        children.forEach(child -> child.onExit().join());
    }

    private boolean isGoneWithin(int seconds) {
        try {
            process.onExit().orTimeout(seconds, TimeUnit.SECONDS).join();
            return true;
        } catch (CompletionException _) {
            return false;
        }
    }

    /** Java itself can send only SIGTERM, on which PostgreSQL waits for its clients to leave, and SIGKILL. */
    private void signal(String name) {
        Command.succeeds("/bin/sh", "-c", "kill -" + name + " " + process.pid());
    }
}
