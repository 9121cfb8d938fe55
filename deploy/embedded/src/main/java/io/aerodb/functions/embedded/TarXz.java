package io.aerodb.functions.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Archives as PostgreSQL's binaries come in. */
final class TarXz {

    private static final int EXECUTABLE_BY_OWNER = 0100;

    private TarXz() {}

    /**
     * Unpacks into {@code target}, readable by all users and writable by this one, whatever the umask says.
     *
     * @throws IOException also for an entry that would lie outside of {@code target}
     */
    static void unpack(InputStream archive, Path target) throws IOException {
        createDirectories(target);
        try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(tar, entry, target);
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        Path file = inside(target, target.resolve(entry.getName()));
        if (entry.isDirectory()) {
            createDirectories(file);
            return;
        }
        createDirectories(file.getParent());
        if (entry.isSymbolicLink()) {
            inside(target, file.resolveSibling(entry.getLinkName()));
            Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, file);
        boolean executable = (entry.getMode() & EXECUTABLE_BY_OWNER) != 0;
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static Path inside(Path target, Path path) throws IOException {
        if (!path.normalize().startsWith(target.normalize())) {
            throw new IOException("the archive names a path outside of itself: " + path);
        }
        return path.normalize();
    }

    private static void createDirectories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            createDirectories(directory.getParent());
            Files.createDirectory(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
