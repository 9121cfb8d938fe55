package io.aerodb.functions.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "logs", description = "Show a function's invocations, newest first, with what they logged.", mixinStandardHelpOptions = true)
final class LogsCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.")
    private String name = "";

    @Option(names = {"-n", "--limit"}, paramLabel = "N", description = "Invocations at most, 1 to 500 (default: ${DEFAULT-VALUE}).")
    private int limit = 20;

    @Option(names = {"-f", "--follow"}, description = "Show what happens from now on, as it happens, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--status", paramLabel = "STATUS", description = "Only invocations with this status, such as failed.")
    private @Nullable String status;

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var out = spec.commandLine().getOut();
        if (!follow) {
            target.client(Role.SERVICE).logs(name, limit, status).path("invocations").forEach(invocation -> print(out, invocation));
            return 0;
        }
        // a client for each connection: a token of the local platform may be over by the next one
        new LogStream(lastEventId -> target.client(Role.SERVICE).events(name, status, lastEventId), invocation -> {
            print(out, invocation);
            out.flush();
        }).follow();
        throw new CommandException("the function '" + name + "' was removed");
    }

    static void print(PrintWriter out, JsonNode invocation) {
        out.printf("%s  %s  v%d  %-15s run %.3f ms, queue %.3f ms, peak %.1f MiB%n",
                invocation.path("accepted_at").asText(), invocation.path("id").asText(), invocation.path("version").asInt(),
                invocation.path("status").asText(), invocation.path("duration_ms").asDouble(), invocation.path("queue_ms").asDouble(),
                invocation.path("memory_peak_bytes").asLong() / 1048576.0);
        if (invocation.has("error")) {
            out.printf("    %s: %s%n", invocation.path("error").path("code").asText(), invocation.path("error").path("message").asText());
        }
        for (var line : invocation.path("log")) {
            out.printf("    %-5s +%d ms  %s%n", line.path("level").asText(), line.path("offset_ms").asLong(), line.path("message").asText());
        }
    }
}
