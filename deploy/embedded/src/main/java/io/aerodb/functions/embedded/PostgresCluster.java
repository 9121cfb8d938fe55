package io.aerodb.functions.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/** The data directory of PostgreSQL (a "database cluster") inside a home directory. */
final class PostgresCluster {

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private PostgresCluster() {}

    /** The data directory, owned by {@code user}; if there was none, created with this password for the superuser. */
    static Path prepare(Path home, Path binaries, ServerUser user, String superuserPassword) throws IOException {
        user.checkReaches(home);
        user.checkReaches(binaries);
        Path data = home.resolve("data");
        if (Files.exists(data)) {
            Postmaster.leftBehindIn(data).ifPresent(Postmaster::stop);
            user.takeOver(data);
            return data;
        }
        // Under another name until it is complete, so that a killed initdb leaves nothing that looks like data.
        Path partial = home.resolve("data.partial");
        Directories.delete(partial);
        Files.createDirectory(partial, OWNER_ONLY_DIRECTORY);
        user.takeOver(partial);
        create(partial, binaries, user, superuserPassword);
        return Files.move(partial, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void create(Path data, Path binaries, ServerUser user, String superuserPassword) throws IOException {
        Path passwordFile = data.resolveSibling("initial-password");
        Files.deleteIfExists(passwordFile);
        try {
            Files.createFile(passwordFile, OWNER_ONLY_FILE);
            Files.writeString(passwordFile, superuserPassword);
            user.takeOver(passwordFile);
            var initdb = Command.run(user.as(List.of(
                    binaries.resolve("bin/initdb").toString(),
                    "--pgdata=" + data,
                    "--username=" + EmbeddedPostgres.SUPERUSER,
                    "--pwfile=" + passwordFile,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--no-instructions")));
            if (!initdb.succeeded()) {
                throw new EmbeddedServerException(
                        "PostgreSQL's initdb failed for %s, run as %s:%n%s"
                                .formatted(data, user.description(), initdb.output()));
            }
        } finally {
            Files.deleteIfExists(passwordFile);
        }
    }

    /** An empty log file that only its owner may read; the one before is kept under another name. */
    static Path newLog(Path home) throws IOException {
        Path log = home.resolve("postgres.log");
        if (Files.exists(log)) {
            Files.move(log, home.resolve("postgres.previous.log"), StandardCopyOption.REPLACE_EXISTING);
        }
        return Files.createFile(log, OWNER_ONLY_FILE);
    }
}
