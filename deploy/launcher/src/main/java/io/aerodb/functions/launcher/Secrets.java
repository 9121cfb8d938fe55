package io.aerodb.functions.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Properties;

/** The secrets of one data directory: made at random on its first use, readable by its owner only. */
public final class Secrets {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 32;

    private final Properties values;

    private Secrets(Properties values) {
        this.values = values;
    }

    static Secrets loadOrCreate(Path file) {
        try {
            return Files.exists(file) ? load(file) : create(file);
        } catch (IOException e) {
            throw new LauncherException("cannot read or write " + file + ": " + e.getMessage(), e);
        }
    }

    static Secrets load(Path file) throws IOException {
        var values = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            values.load(reader);
        }
        return new Secrets(values);
    }

    String superuserPassword() {
        return get("postgres.superuser-password");
    }

    String databasePassword() {
        return get("postgres.aerodb-password");
    }

    /** In the form of the setting {@code record.keys}. */
    String recordKeys() {
        return "dev1:" + get("record.key");
    }

    /** In the form of the setting {@code secrets.keys}. */
    String secretsKeys() {
        return "dev1:" + get("secrets.key");
    }

    /** Signs development tokens. */
    public String jwtSecret() {
        return get("jwt.secret");
    }

    private static Secrets create(Path file) throws IOException {
        var values = new Properties();
        for (var key : new String[] {"postgres.superuser-password", "postgres.aerodb-password", "jwt.secret"}) {
            values.setProperty(key, Base64.getUrlEncoder().withoutPadding().encodeToString(random()));
        }
        values.setProperty("record.key", Base64.getEncoder().encodeToString(random()));
        values.setProperty("secrets.key", Base64.getEncoder().encodeToString(random()));
        var temporary = Files.createTempFile(file.getParent(), "secrets", ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var writer = Files.newBufferedWriter(temporary)) {
            values.store(writer, "Made by aerofn for development; never use it in production");
        }
        Files.move(temporary, file);
        return new Secrets(values);
    }

    private static byte[] random() {
        var bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private String get(String key) {
        var value = values.getProperty(key);
        if (value == null) {
            throw new LauncherException("the secrets file has no " + key + "; remove the data directory to start anew");
        }
        return value;
    }
}
