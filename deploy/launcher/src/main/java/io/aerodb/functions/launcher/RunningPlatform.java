package io.aerodb.functions.launcher;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * What {@code aerofn up} leaves in its data directory so that the other commands find it.
 *
 * @param url of the gateway
 * @param databaseUrl of the application's database, {@code jdbc:postgresql:} without credentials
 * @param pid of the launcher
 */
public record RunningPlatform(URI url, String databaseUrl, long pid, Secrets secrets) {

    private static final String URL = "url";
    private static final String DATABASE_URL = "database.url";
    private static final String PID = "pid";

    /** The platform that runs on this data directory; empty if none does. */
    public static Optional<RunningPlatform> find(Path dataDirectory) {
        try {
            var values = load(dataDirectory.resolve("running.properties"));
            var pid = Long.parseLong(required(values, PID));
            if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new RunningPlatform(URI.create(required(values, URL)), required(values, DATABASE_URL), pid,
                    Secrets.load(dataDirectory.resolve("secrets.properties"))));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The settings that its worker has for the database of functions, as a worker's environment. */
    public Map<String, String> guestDatabaseSettings() {
        return new GuestAccess(databaseUrl, secrets).settings();
    }

    /** The gateway's port in the last run, so that a second start has the same address if it can; 0 if there was none. */
    static int lastPort(Path file) {
        return port(file, URL, "");
    }

    /** Likewise that of PostgreSQL. */
    static int lastDatabasePort(Path file) {
        return port(file, DATABASE_URL, "jdbc:");
    }

    static void write(Path file, URI url, String databaseUrl) throws IOException {
        var values = new Properties();
        values.setProperty(URL, url.toString());
        values.setProperty(DATABASE_URL, databaseUrl);
        values.setProperty(PID, String.valueOf(ProcessHandle.current().pid()));
        try (var writer = Files.newBufferedWriter(file)) {
            values.store(writer, null);
        }
    }

    private static int port(Path file, String key, String prefix) {
        try {
            return Math.max(0, URI.create(required(load(file), key).substring(prefix.length())).getPort());
        } catch (IOException | IllegalArgumentException e) {
            return 0;
        }
    }

    private static Properties load(Path file) throws IOException {
        var values = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            values.load(reader);
        }
        return values;
    }

    private static String required(Properties values, String key) {
        var value = values.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("there is no " + key);
        }
        return value;
    }
}
