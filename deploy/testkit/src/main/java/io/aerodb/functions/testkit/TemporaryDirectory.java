package io.aerodb.functions.testkit;

import io.aerodb.functions.embedded.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Where an embedded server keeps its data until it is no longer needed. */
record TemporaryDirectory(Path path) {

    static TemporaryDirectory create(String prefix) {
        try {
            Path path = Files.createTempDirectory(prefix);
            // not for this user alone: as root, PostgreSQL may have to run as somebody else
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
            return new TemporaryDirectory(path);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    void delete() {
        try {
            Directories.delete(path);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
