package io.aerodb.functions.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "invocation", description = "Show, cancel and replay an invocation.", mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class InvocationCommand {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(name = "show", description = "Show how far an invocation is, and its result.", mixinStandardHelpOptions = true)
    int show(
            @Parameters(index = "0", paramLabel = "ID", description = "Id of the invocation.") String id,
            @Option(names = "--wait", paramLabel = "TIME", description = "Wait for its end, such as 5s, at most 60s.") @Nullable String wait,
            @Mixin Target target) throws IOException, InterruptedException {
        var invocation = target.client(Role.SERVICE).invocation(id, wait);
        LogsCommand.print(spec.commandLine().getOut(), invocation);
        if (invocation.has("retry_at")) {
            spec.commandLine().getOut().println("    next attempt at " + invocation.path("retry_at").asText());
        }
        var result = invocation.path("result");
        if (result.isObject()) {
            spec.commandLine().getOut().printf("    result %d: %s%n", result.path("status").asInt(), shown(result));
        }
        return 0;
    }

    @Command(name = "cancel", description = "Cancel an invocation that has not started.", mixinStandardHelpOptions = true)
    int cancel(
            @Parameters(index = "0", paramLabel = "ID", description = "Id of the invocation.") String id,
            @Mixin Target target) throws IOException, InterruptedException {
        target.client(Role.SERVICE).cancel(id);
        spec.commandLine().getOut().println(id + " is cancelled");
        return 0;
    }

    @Command(name = "replay", description = "Run the request of an invocation again, as a new one.", mixinStandardHelpOptions = true)
    int replay(
            @Parameters(index = "0", paramLabel = "ID", description = "Id of the invocation.") String id,
            @Option(names = "--version-to-run", paramLabel = "N", description = "Version to run, a number or active (default: the one that it ran).")
                    @Nullable String version,
            @Option(names = "--idempotency-key", paramLabel = "KEY", description = "Replay once, however often this is repeated.") @Nullable String key,
            @Mixin Target target) throws IOException, InterruptedException {
        var replay = target.client(Role.SERVICE).replay(id, version, key);
        spec.commandLine().getOut().println(id + " runs again as " + replay.path("id").asText() + ", version " + replay.path("version").asInt());
        return 0;
    }

    private static String shown(JsonNode result) {
        return switch (result.path("body_encoding").asText()) {
            case "none" -> "no body";
            case "text" -> result.path("body").asText();
            case "base64" -> result.path("body").asText() + " (base64)";
            default -> result.path("body").toString();
        };
    }
}
