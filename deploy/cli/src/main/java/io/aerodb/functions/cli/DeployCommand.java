package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "deploy", description = "Deploy a .wasm or .wat file as a function.", mixinStandardHelpOptions = true)
final class DeployCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "Module, binary or text.")
    private Path file = Path.of("");

    @Option(names = "--config", paramLabel = "JSON", description = "Configuration, or @FILE to read it from; left out, a function keeps what it has.")
    private @Nullable String config;

    @Mixin
    private Target target = new Target();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var module = InputFile.read(file);
        var deployed = target.client(Role.SERVICE).deploy(name, file.getFileName().toString(), module, Optional.ofNullable(config).map(InputFile::textOrFile));
        spec.commandLine().getOut().printf("%s is at version %d (%s, %d bytes)%n", deployed.path("name").asText(),
                deployed.path("version").asInt(), deployed.path("wasm_hash").asText().substring(0, 12), deployed.path("wasm_bytes").asInt());
        return 0;
    }
}
