package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.DevelopmentTokens;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "token", description = "Make a development token for the local platform.", mixinStandardHelpOptions = true)
final class TokenCommand implements Callable<Integer> {

    @Option(names = "--role", paramLabel = "ROLE", description = "anon, authenticated or service_role (default: ${DEFAULT-VALUE}).")
    private String role = Role.AUTHENTICATED.claim();

    @Option(names = "--sub", paramLabel = "ID", description = "The user's id, for the sub claim.")
    private @Nullable String subject;

    @Option(names = "--hours", paramLabel = "N", description = "How long it is valid (default: ${DEFAULT-VALUE}).")
    private int hours = 24;

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var of = Role.fromClaim(role).orElseThrow(() -> CommandException.notPossible("--role must be anon, authenticated or service_role"));
        if (hours < 1 || hours > 24 * 365) {
            throw CommandException.notPossible("--hours must be from 1 to 8760");
        }
        var tokens = new DevelopmentTokens(target.localPlatform().secrets().jwtSecret());
        spec.commandLine().getOut().println(tokens.token(of, subject, Duration.ofHours(hours)));
        return 0;
    }
}
