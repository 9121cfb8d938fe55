package io.aerodb.functions.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Files of this repository that are no sources of tests. */
public final class Repository {

    private static final Pattern HEADING = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE);

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

    /** @param path from the root, such as {@code docs/runbook.md} */
    public static String read(String path) {
        try {
            return Files.readString(root().resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a link into the document may name behind {@code #}. */
    static Set<String> anchors(String document) {
        return HEADING.matcher(document).results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
