package io.aerodb.functions.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "backfill", description = "Tell a database trigger of the rows that its table has already.", mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class BackfillCommand {

    private static final Duration LOOK_PAUSE = Duration.ofMillis(500);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(name = "start", description = "Start a backfill.", mixinStandardHelpOptions = true)
    int start(
            @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.") String name,
            @Option(names = "--trigger", paramLabel = "ID", description = "Id of the trigger (default: the function's only database trigger).") @Nullable String trigger,
            @Option(names = "--rate", paramLabel = "N", description = "Rows a second, 1 to 5000 (default: 100).") @Nullable Integer rate,
            @Option(names = "--idempotency-key", paramLabel = "KEY", description = "Start it once, however often this is repeated.") @Nullable String key,
            @Option(names = "--wait", description = "Wait for its end.") boolean wait,
            @Mixin Target target) throws IOException, InterruptedException {
        var client = target.client(Role.SERVICE);
        var backfill = client.startBackfill(name, trigger == null ? onlyTrigger(client.show(name)) : trigger, rate, key);
        while (wait && backfill.path("state").asText().equals("running")) {
            Thread.sleep(LOOK_PAUSE);
            backfill = client.backfill(name, backfill.path("id").asText());
        }
        print(backfill);
        return backfill.path("state").asText().equals("failed") ? 1 : 0;
    }

    @Command(name = "show", description = "Show how far a backfill is, or list those of a function, newest first.", mixinStandardHelpOptions = true)
    int show(
            @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.") String name,
            @Parameters(index = "1", arity = "0..1", paramLabel = "ID", description = "Id of the backfill (default: the last 20).") @Nullable String id,
            @Mixin Target target) throws IOException, InterruptedException {
        var client = target.client(Role.SERVICE);
        if (id == null) {
            client.backfills(name, 20).path("backfills").forEach(this::print);
        } else {
            print(client.backfill(name, id));
        }
        return 0;
    }

    @Command(name = "cancel", description = "Stop a backfill; what it has asked for is left alone.", mixinStandardHelpOptions = true)
    int cancel(
            @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.") String name,
            @Parameters(index = "1", paramLabel = "ID", description = "Id of the backfill.") String id,
            @Mixin Target target) throws IOException, InterruptedException {
        print(target.client(Role.SERVICE).cancelBackfill(name, id));
        return 0;
    }

    private static String onlyTrigger(JsonNode function) {
        var triggers = function.path("triggers").valueStream().filter(trigger -> trigger.path("type").asText().equals("database")).toList();
        if (triggers.isEmpty()) {
            throw new CommandException("the function has no database trigger; see docs/database-triggers.md");
        }
        if (triggers.size() > 1) {
            throw new CommandException("the function has several database triggers, say which with --trigger: " + triggers.stream()
                    .map(trigger -> trigger.path("id").asText() + " (" + trigger.path("table").asText() + ")").collect(Collectors.joining(", ")));
        }
        return triggers.getFirst().path("id").asText();
    }

    private void print(JsonNode backfill) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%s  %-9s  %s  %d of about %d rows read, %d fired%n", backfill.path("id").asText(), backfill.path("state").asText(), backfill.path("table").asText(),
                backfill.path("read").asLong(), Math.max(backfill.path("estimated_total").asLong(), backfill.path("read").asLong()), backfill.path("fired").asLong());
        if (backfill.hasNonNull("error")) {
            out.println("    " + backfill.path("error").asText());
        }
    }
}
