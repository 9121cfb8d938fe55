package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What tests take from npm, into {@code target}. */
public final class NpmPackages {

    private NpmPackages() {}

    public static boolean canBeInstalled() throws InterruptedException {
        try {
            return AerofnCommand.run(Map.of(), List.of("npm", "--version")).status() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Installs what the {@code package-lock.json} of a directory of this module names, and nothing else; only what npm has not kept from
     * last time is fetched.
     *
     * @return the directory in {@code target} with a copy of these files, and the packages
     */
    public static Path install(String directory) throws Exception {
        var installed = Files.createDirectories(Path.of("target", directory));
        try (Stream<Path> files = Files.list(Path.of(directory))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, installed.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        var ended = AerofnCommand.run(Map.of(), List.of("npm", "--prefix", installed.toString(), "ci",
                "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"));
        assertEquals(0, ended.status(), ended::output);
        return installed;
    }
}
