package io.aerodb.functions.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;

/** The checkout that is tested. */
public final class Repository {

    private Repository() {}

    /** Given as the system property {@code aerofn.repository}, or else the nearest directory above that has the script. */
    public static Path root() {
        var tried = new ArrayList<Path>();
        var given = System.getProperty("aerofn.repository");
        var from = Path.of(given == null ? "" : given).toAbsolutePath();
        for (var directory = from; directory != null; directory = directory.getParent()) {
            if (Files.isRegularFile(directory.resolve("aerofn"))) {
                return directory;
            }
            tried.add(directory);
        }
        throw new AssertionError("no script aerofn in any of " + tried);
    }
}
