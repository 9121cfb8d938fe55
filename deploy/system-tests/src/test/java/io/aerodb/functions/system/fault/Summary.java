package io.aerodb.functions.system.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The table that {@code deploy/system-tests/faults} prints in the end: one line for each fault. */
final class Summary {

    private static final Path FILE = Path.of("target", "faults", "summary.txt");

    private Summary() {}

    static synchronized void add(String line) {
        try {
            if (Files.notExists(FILE)) {
                Files.createDirectories(FILE.getParent());
                Files.write(FILE, List.of(Report.HEADING));
            }
            Files.write(FILE, List.of(line), StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
