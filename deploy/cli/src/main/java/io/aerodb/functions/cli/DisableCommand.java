package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "disable", description = "Let a function answer as a missing one, and keep all that it has.", mixinStandardHelpOptions = true)
final class DisableCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.")
    private String name = "";

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        target.client(Role.SERVICE).patch(name, "{\"enabled\": false}", null);
        spec.commandLine().getOut().println(name + " is disabled");
        return 0;
    }
}
