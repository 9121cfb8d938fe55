package io.aerodb.functions.cli;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "invoke", description = "Call a function and print its answer.", mixinStandardHelpOptions = true)
final class InvokeCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the function.")
    private String name = "";

    @Option(names = {"-d", "--data"}, paramLabel = "PAYLOAD", description = "Payload, or @FILE to read it from.")
    private String data = "";

    @Option(names = "--as", paramLabel = "ROLE", description = "Role of the token made for the local platform: anon, authenticated or service_role.")
    private String role = Role.ANON.claim();

    @Option(names = "--async", description = "Do not wait for the result; show it later with 'aerofn invocation show ID'.")
    private boolean async;

    @Option(names = "--idempotency-key", paramLabel = "KEY", description = "Run once, however often this is repeated within 24 hours.")
    private @Nullable String key;

    @Mixin
    private Target target = new Target();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var as = Role.fromClaim(role).orElseThrow(() -> CommandException.notPossible("--as must be anon, authenticated or service_role"));
        var response = target.client(as).invoke(name, payload(), headers());
        System.out.write(response.body());
        System.out.println();
        System.out.flush();
        if (response.statusCode() >= 300) {
            System.err.println("aerofn: the answer has status " + response.statusCode());
            return 1;
        }
        return 0;
    }

    private String[] headers() {
        var headers = new ArrayList<String>();
        if (async) {
            headers.addAll(List.of("Prefer", "respond-async"));
        }
        if (key != null) {
            headers.addAll(List.of("Idempotency-Key", key));
        }
        return headers.toArray(String[]::new);
    }

    private byte[] payload() {
        if (!data.startsWith("@")) {
            return data.getBytes(StandardCharsets.UTF_8);
        }
        return InputFile.read(Path.of(data.substring(1)));
    }
}
