package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "config",
        description = "Show a function's configuration as JSON, or change members of it; with --check, show and check the settings of services.",
        mixinStandardHelpOptions = true)
final class ConfigCommand implements Callable<Integer> {

    static final String IF_MATCH_HELP = "Only if the function still has this ETag; 'aerofn config NAME' tells it on standard error.";

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "Name of the function.")
    private @Nullable String name;

    @Option(names = "--check", description = "Check the settings of services in this environment, and show what is in effect, without secrets.")
    private boolean check;

    @Mixin
    private SettingsCheck settings = new SettingsCheck();

    @Option(names = "--set", paramLabel = "MEMBER=VALUE", description = "Set a member, such as timeout_ms=2000, retry.max_attempts=3 or env.MODE=fast; "
            + "VALUE is JSON, or else text, and always text for variables.")
    private List<String> set = List.of();

    @Option(names = "--unset", paramLabel = "MEMBER", description = "Bring a member back to its default, or remove a variable.")
    private List<String> unset = List.of();

    @Option(names = "--patch", paramLabel = "JSON", description = "Change by a JSON merge patch, or @FILE to read it from.")
    private @Nullable String patch;

    @Option(names = "--if-match", paramLabel = "ETAG", description = IF_MATCH_HELP)
    private @Nullable String ifMatch;

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (check) {
            return checkSettings();
        }
        if (name == null || settings.isMeant()) {
            throw new ParameterException(spec.commandLine(), name == null
                    ? "give the NAME of a function, or --check for the settings of services"
                    : "--service and --settings go with --check");
        }
        var client = target.client(Role.SERVICE);
        var function = isChange() ? client.patch(name, patch(), ifMatch) : client.showTagged(name);
        spec.commandLine().getOut().println(function.body().path("config").toPrettyString());
        spec.commandLine().getErr().println("version " + function.body().path("version").asInt() + ", ETag " + function.tag());
        return 0;
    }

    private int checkSettings() {
        if (name != null || patch != null || ifMatch != null || !set.isEmpty() || !unset.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--check is about services and not about a function: give only --service and --settings with it");
        }
        return settings.run(spec.commandLine().getOut(), spec.commandLine().getErr());
    }

    private boolean isChange() {
        if (patch == null && set.isEmpty() && unset.isEmpty()) {
            if (ifMatch != null) {
                throw new ParameterException(spec.commandLine(), "--if-match guards a change: give --set, --unset or --patch too");
            }
            return false;
        }
        return true;
    }

    private String patch() {
        if (patch == null) {
            return ConfigMembers.patch(set, unset);
        }
        if (!set.isEmpty() || !unset.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "give either --patch, or --set and --unset");
        }
        return InputFile.textOrFile(patch);
    }
}
