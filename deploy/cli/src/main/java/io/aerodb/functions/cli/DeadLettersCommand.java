package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "dead-letters", description = "List and discard what could not be run.", mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class DeadLettersCommand {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(name = "list", description = "List dead letters, newest first.", mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--function", paramLabel = "NAME", description = "Only those of this function.") @Nullable String function,
            @Option(names = {"-n", "--limit"}, paramLabel = "N", defaultValue = "20",
                    description = "Letters at most, 1 to 500 (default: ${DEFAULT-VALUE}).") int limit,
            @Mixin Target target) throws IOException, InterruptedException {
        var letters = target.client(Role.SERVICE).deadLetters(function, limit).path("dead_letters");
        var out = spec.commandLine().getOut();
        out.printf("%-12s %-28s %-20s %-37s %s%n", "ID", "CREATED", "FUNCTION", "INVOCATION", "REASON");
        letters.forEach(letter -> out.printf("%-12s %-28s %-20s %-37s %s%n", letter.path("id").asText(), letter.path("created_at").asText(),
                letter.path("function").asText("-"), letter.path("invocation").asText("-"), letter.path("reason").asText()));
        return 0;
    }

    @Command(name = "discard", description = "Take a letter off the list.", mixinStandardHelpOptions = true)
    int discard(
            @Parameters(index = "0", paramLabel = "ID", description = "Id of the letter, such as 0-17.") String id,
            @Mixin Target target) throws IOException, InterruptedException {
        target.client(Role.SERVICE).discardDeadLetter(id);
        spec.commandLine().getOut().println(id + " is discarded");
        return 0;
    }
}
