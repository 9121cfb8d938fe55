package io.aerodb.functions.embedded;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Starts a program so that it is interrupted (SIGINT) when this JVM ends, even by SIGKILL. */
sealed interface Lifeline {

    /**
     * @param output what the program prints is appended here
     * @throws IOException if it cannot be executed
     */
    Process start(ServerUser user, List<String> command, File output) throws IOException;

    /** The best that this machine offers. */
    static Lifeline available() {
        boolean sendsSignal = Command.succeeds("setpriv", "--pdeathsig", "INT", "true");
        return sendsSignal ? new ParentDeathSignal() : new WatchingShell();
    }

    private static ProcessBuilder prepare(List<String> command, File output) {
        return Command.prepare(command).redirectOutput(ProcessBuilder.Redirect.appendTo(output));
    }

    /**
     * Linux sends the signal. Also puts the program into a session of its own, so that Ctrl-C on the terminal reaches
     * this JVM alone, which then stops things in its own order.
     */
    record ParentDeathSignal() implements Lifeline {

        @Override
        public Process start(ServerUser user, List<String> command, File output) throws IOException {
            var tied = new ArrayList<String>();
            if (Command.succeeds("setsid", "true")) {
                tied.add("setsid");
            }
            tied.addAll(List.of("setpriv", "--pdeathsig", "INT"));
            tied.addAll(command);
            // The user comes first: Linux forgets the signal when a process changes who it is.
            return forkFromAThreadThatOutlivesTheProcess(prepare(user.as(tied), output));
        }

        /** The signal is sent when the thread ends that forked, not when its JVM does. */
        private static Process forkFromAThreadThatOutlivesTheProcess(ProcessBuilder builder) throws IOException {
            var started = new CompletableFuture<Process>();
            Thread.ofPlatform().daemon().name("parent-of-embedded-server").start(() -> {
                try {
                    var process = builder.start();
                    started.complete(process);
                    process.onExit().join();
                } catch (IOException failure) {
                    started.completeExceptionally(failure);
                }
            });
            try {
                return started.join();
            } catch (CompletionException failure) {
                throw new IOException(failure.getCause());
            }
        }
    }

    /** A shell that waits for the end of a pipe, which comes when this JVM ends, and then sends the signal. */
    record WatchingShell() implements Lifeline {

        @Override
        public Process start(ServerUser user, List<String> command, File output) throws IOException {
            var process = prepare(user.as(command), output).start();
            var watch = Command.prepare(List.of(
                            "/bin/sh",
                            "-c",
                            "trap '' INT HUP; read -r _; kill -INT \"$1\"",
                            "watch",
                            String.valueOf(process.pid())))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.onExit().thenRun(watch::destroyForcibly);
            return process;
        }
    }
}
