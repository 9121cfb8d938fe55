package io.aerodb.functions.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that goes when it is closed. */
public record TemporaryDirectory(Path path) implements AutoCloseable {

    public static TemporaryDirectory create(String prefix) throws IOException {
        return new TemporaryDirectory(Files.createTempDirectory(prefix));
    }

    @Override
    public void close() throws IOException {
        DataDirectory.delete(path);
    }
}
