package io.aerodb.functions.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Our programs in processes of their own. */
final class AerofnCommand {

    private AerofnCommand() {}

    /** @param output of both kinds */
    record Ended(int status, String output) {}

    /** The command line of the {@code aerofn} command. */
    static List<String> line(String... arguments) {
        return lineOf("io.aerodb.functions.cli.Aerofn", arguments);
    }

    static List<String> lineOf(String main, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                main));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs the command to its end, with these variables and no other ones of ours. */
    static Ended run(Map<String, String> variables, String... arguments) throws IOException, InterruptedException {
        return run(variables, line(arguments));
    }

    static Ended run(Map<String, String> variables, List<String> line) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("AEROFN_") || name.startsWith("PG"));
        builder.environment().putAll(variables);
        var process = builder.start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
