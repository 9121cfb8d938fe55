package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "activate", description = "Go back, or forth, to a version of a function: its module and its configuration.",
        mixinStandardHelpOptions = true)
final class ActivateCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "N", description = "Number of the version.")
    private int version;

    @Option(names = "--if-match", paramLabel = "ETAG", description = ConfigCommand.IF_MATCH_HELP)
    private @Nullable String ifMatch;

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var function = target.client(Role.SERVICE).activate(name, version, ifMatch);
        spec.commandLine().getOut().println(name + " is at version " + function.path("version").asInt());
        return 0;
    }
}
