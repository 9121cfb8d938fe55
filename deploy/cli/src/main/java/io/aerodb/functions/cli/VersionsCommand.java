package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "versions", description = "List the versions of a function, newest first.", mixinStandardHelpOptions = true)
final class VersionsCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.")
    private String name = "";

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var client = target.client(Role.SERVICE);
        var out = spec.commandLine().getOut();
        var page = client.versions(name, "");
        out.printf("%7s %-14s %10s  %s%n", "VERSION", "MODULE", "BYTES", "CREATED");
        while (true) {
            for (var version : page.path("versions")) {
                out.printf("%7d %-14s %10d  %s%s%n", version.path("version").asInt(), version.path("wasm_hash").asText().substring(0, 12),
                        version.path("wasm_bytes").asInt(), version.path("created_at").asText(), version.path("active").asBoolean() ? "  (active)" : "");
            }
            if (!page.hasNonNull("next")) {
                return 0;
            }
            page = client.versions(name, page.path("next").asText());
        }
    }
}
