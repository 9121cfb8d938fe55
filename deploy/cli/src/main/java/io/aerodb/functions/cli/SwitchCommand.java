package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code enable} and {@code disable}. */
abstract sealed class SwitchCommand implements Callable<Integer> {

    private final boolean enabled;

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.")
    private String name = "";

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private SwitchCommand(boolean enabled) {
        this.enabled = enabled;
    }

    @Command(name = "enable", description = "Let a disabled function be called again.", mixinStandardHelpOptions = true)
    static final class Enable extends SwitchCommand {
        Enable() {
            super(true);
        }
    }

    @Command(name = "disable", description = "Let a function answer as a missing one, and keep all that it has.", mixinStandardHelpOptions = true)
    static final class Disable extends SwitchCommand {
        Disable() {
            super(false);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        target.client(Role.SERVICE).patch(name, "{\"enabled\": " + enabled + "}", null);
        spec.commandLine().getOut().println(name + " is " + (enabled ? "enabled" : "disabled"));
        return 0;
    }
}
