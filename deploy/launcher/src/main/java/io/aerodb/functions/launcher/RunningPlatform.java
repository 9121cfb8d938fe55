package io.aerodb.functions.launcher;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * What {@code aerofn up} leaves in its data directory so that the other commands find it.
 *
 * @param url of the gateway
 * @param pid of the launcher
 */
public record RunningPlatform(URI url, long pid, Secrets secrets) {

    /** The platform that runs on this data directory; empty if none does. */
    public static Optional<RunningPlatform> find(Path dataDirectory) {
        var file = dataDirectory.resolve("running.properties");
        var values = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            values.load(reader);
            var pid = Long.parseLong(values.getProperty("pid"));
            if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new RunningPlatform(URI.create(values.getProperty("url")), pid, Secrets.load(dataDirectory.resolve("secrets.properties"))));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The port of the last run, so that a second start has the same address if it can. */
    static int lastPort(Path file, int otherwise) {
        var values = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            values.load(reader);
            return URI.create(values.getProperty("url")).getPort();
        } catch (IOException | IllegalArgumentException | NullPointerException e) {
            return otherwise;
        }
    }

    static void write(Path file, URI url) throws IOException {
        var values = new Properties();
        values.setProperty("url", url.toString());
        values.setProperty("pid", String.valueOf(ProcessHandle.current().pid()));
        try (var writer = Files.newBufferedWriter(file)) {
            values.store(writer, null);
        }
    }
}
