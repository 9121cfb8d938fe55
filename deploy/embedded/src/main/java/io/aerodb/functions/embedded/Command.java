package io.aerodb.functions.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Programs that are run to their end. */
final class Command {

    record Result(int status, String output) {
        boolean succeeded() {
            return status == 0;
        }
    }

    private Command() {}

    /** @throws IOException if the program cannot be executed at all */
    static Result run(List<String> command) throws IOException {
        var process = prepare(command).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Result(process.waitFor(), output.strip());
        } catch (InterruptedException interruption) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while running " + command.getFirst(), interruption);
        }
    }

    /** Whether the program exists here and ends well. */
    static boolean succeeds(String... command) {
        try {
            return run(List.of(command)).succeeded();
        } catch (IOException _) {
            return false;
        }
    }

    /** With an environment in which PostgreSQL behaves the same everywhere. */
    static ProcessBuilder prepare(List<String> command) {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }
}
