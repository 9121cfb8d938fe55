package io.aerodb.functions.system.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.system.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An image that the profile {@code images} has made, unpacked.
 *
 * @param config as a container engine reads it
 * @param root its file system, without that of the base
 */
record Image(Yaml config, Path root) {

    private static final Map<String, String> MODULES = Map.of(
            "gateway", "gateway", "worker", "worker", "scheduler", "scheduler", "bridge", "trigger-bridge", "aerofn", "deploy/cli");
    private static final int USER = 10001;

    /** Where the image of a program is, if it was made. */
    static Path archive(String program) {
        return Repository.root().resolve(MODULES.get(program)).resolve("target/aerofn-" + program + ".tar");
    }

    /** @param directory an empty one, which the user of the image can reach */
    static Image unpack(String program, Path directory) throws IOException, InterruptedException {
        var archive = Files.createDirectories(directory.resolve(program + "-archive"));
        untar(archive(program), archive);
        var manifest = Yaml.parse(Files.readString(archive.resolve("manifest.json"))).elements().getFirst();
        var root = Files.createDirectories(directory.resolve(program));
        for (var layer : manifest.at("Layers").elements()) {
            untar(archive.resolve(layer.text()), root);
        }
        return new Image(Yaml.parse(Files.readString(archive.resolve(manifest.at("Config").text()))).at("config"), root);
    }

    /**
     * Runs what the image runs, on this machine's Java, as the image's user where this one may become it. It can write nothing of the
     * image, and ends when this process does.
     */
    Process start(Map<String, String> variables, Path log, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        if (isRoot()) {
            command.addAll(List.of("--reuid", String.valueOf(USER), "--regid", String.valueOf(USER), "--clear-groups", "--no-new-privs"));
        }
        command.add("--");
        var entrypoint = config.at("Entrypoint").elements();
        command.add(inside(entrypoint.getFirst().text()).toString());
        entrypoint.stream().skip(1).map(Yaml::text).forEach(command::add);
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(inside(config.at("WorkingDir").text()).toFile())
                .redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment());
        builder.environment().put("PATH", Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin");
        builder.environment().putAll(variables);
        var process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    /** Whether the image's own check says so of the service that listens on a port. */
    boolean isHealthy(int port) throws IOException, InterruptedException {
        return new ProcessBuilder(inside("/opt/aerofn/healthy").toString(), String.valueOf(port))
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    }

    Map<String, String> environment() {
        var environment = new HashMap<String, String>();
        for (var variable : config.at("Env").elements()) {
            var parts = variable.text().split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        return environment;
    }

    /** Where a file of the image is here. */
    Path inside(String path) {
        return root.resolve(path.substring(1));
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static void untar(Path archive, Path directory) throws IOException, InterruptedException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals(0, new ProcessBuilder("tar", "--warning=no-unknown-keyword", "-xf", archive.toString(), "-C", directory.toString(), "--no-same-owner").inheritIO().start().waitFor(), archive::toString);
    }
}
