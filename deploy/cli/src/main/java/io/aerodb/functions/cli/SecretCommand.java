package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Values come from the terminal, a pipe or a variable: an argument could be read by everybody who lists the processes. */
@Command(name = "secret", description = "Set, remove and list the secrets of a function.", mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class SecretCommand {

    private static final int MAX_VALUE_BYTES = 8 * 1024;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(name = "set", description = "Set a secret to what is typed, or comes on standard input without its last line feed.",
            mixinStandardHelpOptions = true)
    int set(
            @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.") String name,
            @Parameters(index = "1", paramLabel = "KEY", description = "Key under which the function reads it.") String key,
            @Option(names = "--from-env", paramLabel = "VARIABLE", description = "Take the value of this environment variable.") @Nullable String variable,
            @Mixin Target target) throws IOException, InterruptedException {
        var value = variable == null ? typedOrPiped() : Optional.ofNullable(System.getenv(variable))
                .orElseThrow(() -> new CommandException("there is no environment variable " + variable))
                .getBytes(StandardCharsets.UTF_8);
        if (value.length == 0) {
            throw new CommandException("the value is empty; type it, pipe it to standard input, or name a variable with --from-env");
        }
        target.client(Role.SERVICE).putSecret(name, key, value);
        spec.commandLine().getOut().println(key + " is set for " + name);
        return 0;
    }

    @Command(name = "delete", description = "Remove a secret.", mixinStandardHelpOptions = true)
    int delete(
            @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.") String name,
            @Parameters(index = "1", paramLabel = "KEY", description = "Key of the secret.") String key,
            @Mixin Target target) throws IOException, InterruptedException {
        target.client(Role.SERVICE).deleteSecret(name, key);
        spec.commandLine().getOut().println(key + " is removed from " + name);
        return 0;
    }

    @Command(name = "list", description = "List the keys of a function's secrets; nothing shows their values.", mixinStandardHelpOptions = true)
    int list(
            @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.") String name,
            @Mixin Target target) throws IOException, InterruptedException {
        var secrets = target.client(Role.SERVICE).show(name).path("secrets");
        var out = spec.commandLine().getOut();
        out.printf("%-32s %s%n", "KEY", "UPDATED");
        secrets.forEach(secret -> out.printf("%-32s %s%n", secret.path("key").asText(), secret.path("updated_at").asText()));
        return 0;
    }

    private static byte[] typedOrPiped() throws IOException {
        var console = System.console();
        if (console != null && console.isTerminal()) {
            var typed = console.readPassword("Value: ");
            return typed == null ? new byte[0] : new String(typed).getBytes(StandardCharsets.UTF_8);
        }
        var piped = new String(System.in.readNBytes(MAX_VALUE_BYTES + 3), StandardCharsets.ISO_8859_1);
        return piped.replaceFirst("\r?\n\\z", "").getBytes(StandardCharsets.ISO_8859_1); // byte for byte: the gateway judges the encoding
    }
}
