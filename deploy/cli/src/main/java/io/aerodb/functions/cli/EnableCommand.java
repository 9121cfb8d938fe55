package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "enable", description = "Let a disabled function be called again.", mixinStandardHelpOptions = true)
final class EnableCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.")
    private String name = "";

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        target.client(Role.SERVICE).patch(name, "{\"enabled\": true}", null);
        spec.commandLine().getOut().println(name + " is enabled");
        return 0;
    }
}
