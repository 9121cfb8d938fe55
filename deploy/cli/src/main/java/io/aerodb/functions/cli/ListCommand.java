package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "list", description = "List the deployed functions.", mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var client = target.client(Role.SERVICE);
        var out = spec.commandLine().getOut();
        var page = client.list("");
        out.printf("%-24s %7s %10s  %s%n", "NAME", "VERSION", "BYTES", "UPDATED");
        while (true) {
            for (var function : page.path("functions")) {
                out.printf("%-24s %7d %10d  %s%s%n", function.path("name").asText(), function.path("version").asInt(),
                        function.path("wasm_bytes").asInt(), function.path("updated_at").asText(),
                        function.path("enabled").asBoolean() ? "" : "  (disabled)");
            }
            var after = page.path("next").asText("");
            if (after.isEmpty()) {
                return 0;
            }
            page = client.list(after);
        }
    }
}
