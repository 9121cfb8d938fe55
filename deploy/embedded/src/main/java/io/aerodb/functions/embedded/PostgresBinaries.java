package io.aerodb.functions.embedded;

import java.io.IOException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/**
 * PostgreSQL's programs, unpacked once into a cache directory that several JVMs of one user may share. What is in the
 * cache gets executed, so a cache that somebody else could have filled is refused.
 */
final class PostgresBinaries {

    private PostgresBinaries() {}

    /** The directory that holds {@code bin}, {@code lib} and {@code share}. */
    static Path unpackedIn(Path cache) {
        String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
        URL archive = PostgresBinaries.class.getResource("/postgres-" + platform + ".txz");
        if (archive == null) {
            throw new EmbeddedServerException(
                    ("There are no PostgreSQL binaries for %s on the class path (known: Linux and macOS on x86-64 and"
                                    + " ARM64). Run PostgreSQL yourself instead, or build on this platform.")
                            .formatted(platform));
        }
        try {
            prepare(cache);
            Path binaries = cache.resolve("postgresql-" + version() + "-" + platform);
            if (!Files.exists(binaries)) {
                unpack(archive, cache, binaries);
            }
            checkRun(binaries);
            return binaries;
        } catch (IOException failure) {
            throw new EmbeddedServerException(
                    "PostgreSQL cannot be unpacked in %s: %s. About 60 MB and the right to write there are needed."
                            .formatted(cache, failure),
                    failure);
        }
    }

    /** As the names of the archives have it, for example {@code linux-x86_64}. */
    static String platform(String osName, String osArch) {
        String system = osName.toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : osName.toLowerCase(Locale.ROOT);
        String processor =
                switch (osArch) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "arm_64";
                    default -> osArch;
                };
        return system.replace(' ', '_') + "-" + processor;
    }

    private static String version() throws IOException {
        try (var in = PostgresBinaries.class.getResourceAsStream("postgres-binaries.properties")) {
            var properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        }
    }

    private static void prepare(Path cache) throws IOException {
        if (!Files.exists(cache, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(cache.toAbsolutePath().getParent());
            createReadableDirectory(cache);
        }
        boolean writableByAll = Files.getPosixFilePermissions(cache).contains(PosixFilePermission.OTHERS_WRITE);
        if (writableByAll || !isTrusted(cache, LinkOption.NOFOLLOW_LINKS) || !isTrusted(cache)) {
            throw new EmbeddedServerException(
                    ("%s is another user's or may be written by everyone, so the programs in it cannot be trusted:"
                                    + " remove it, or choose another directory for the binaries.")
                            .formatted(cache));
        }
    }

    private static boolean isTrusted(Path path, LinkOption... options) throws IOException {
        long owner = ((Integer) Files.getAttribute(path, "unix:uid", options)).longValue();
        return owner == 0 || owner == ServerUser.currentUid();
    }

    private static void createReadableDirectory(Path directory) throws IOException {
        try {
            Files.createDirectory(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (FileAlreadyExistsException _) {
            // another JVM was faster; the caller looks at whose it is
        }
    }

    /** To another name first: the name that counts never shows half of the files. */
    private static synchronized void unpack(URL archive, Path cache, Path binaries) throws IOException {
        Path lock = cache.resolve("unpack.lock");
        try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (Files.exists(binaries)) {
                return; // another JVM was faster
            }
            Path partial = cache.resolve(binaries.getFileName() + ".partial");
            Directories.delete(partial);
            try (var in = archive.openStream()) {
                TarXz.unpack(in, partial);
            }
            Files.move(partial, binaries, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static void checkRun(Path binaries) {
        try {
            var version = Command.run(List.of(binaries.resolve("bin/postgres").toString(), "--version"));
            if (!version.succeeded()) {
                throw new IOException(version.output());
            }
        } catch (IOException failure) {
            throw new EmbeddedServerException(
                    ("PostgreSQL's programs in %s do not run here (%s). They need glibc, so not Alpine, and a"
                                    + " directory that is not mounted 'noexec'.")
                            .formatted(binaries, failure.getMessage()),
                    failure);
        }
    }
}
