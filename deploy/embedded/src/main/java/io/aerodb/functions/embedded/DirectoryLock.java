package io.aerodb.functions.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second server, of this JVM or another, out of a data directory. The operating system ends the lock when the
 * JVM dies.
 */
final class DirectoryLock implements AutoCloseable {

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    static DirectoryLock acquire(Path directory) {
        FileChannel channel;
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(
                    directory.resolve("aerofn.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException failure) {
            throw new EmbeddedServerException(
                    "%s cannot be written (%s): choose a directory that this user may write."
                            .formatted(directory, failure),
                    failure);
        }
        if (!isLocked(channel)) {
            close(channel);
            throw new EmbeddedServerException(
                    "%s is in use by another running server: stop that one, or choose another directory."
                            .formatted(directory));
        }
        return new DirectoryLock(channel);
    }

    @Override
    public void close() {
        close(channel);
    }

    private static boolean isLocked(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) { // held by this JVM
            return false;
        } catch (IOException failure) {
            close(channel);
            throw new UncheckedIOException(failure);
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
