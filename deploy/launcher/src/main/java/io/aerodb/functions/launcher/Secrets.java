package io.aerodb.functions.launcher;

import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;

/** The secrets of one data directory: made at random on its first use, readable by its owner only. */
public final class Secrets {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 32;
    private static final String CLAIM_KEY = "guest.claim-key";
    private static final String SECRETS_KEY = "secrets.key";

    /** Other parts of the data directory depend on these, so they are made with it or not at all. */
    private static final List<String> ORIGINAL = List.of("postgres.superuser-password", "postgres.aerodb-password", "jwt.secret", "record.key");

    private final Properties values;

    private Secrets(Properties values) {
        this.values = values;
    }

    /** Makes the file if there is none, and completes one that an older version has made. */
    static Secrets loadOrCreate(Path file) {
        try {
            var exists = Files.exists(file);
            var values = exists ? load(file).values : new Properties();
            var names = new ArrayList<>(exists ? List.of() : ORIGINAL);
            names.addAll(List.of(CLAIM_KEY, SECRETS_KEY));
            for (var role : Role.values()) {
                names.add(passwordName(role));
            }
            if (names.stream().filter(name -> values.putIfAbsent(name, random()) == null).count() > 0) {
                store(values, file);
            }
            return new Secrets(values);
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

    /** Of the login role that queries of such callers run under. */
    String rolePassword(Role role) {
        return get(passwordName(role));
    }

    /** In the form of the setting {@code worker.guest-database-claim-keys}. */
    String claimKeys() {
        return "dev1:" + standardBase64(get(CLAIM_KEY));
    }

    /** In the form of the setting {@code record.keys}. */
    String recordKeys() {
        return "dev1:" + standardBase64(get("record.key"));
    }

    /** In the form of the setting {@code secrets.keys}. */
    String secretsKeys() {
        return "dev1:" + standardBase64(get(SECRETS_KEY));
    }

    /** Signs development tokens. */
    public String jwtSecret() {
        return get("jwt.secret");
    }

    private static void store(Properties values, Path file) throws IOException {
        var temporary = Files.createTempFile(file.getParent(), "secrets", ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var writer = Files.newBufferedWriter(temporary)) {
            values.store(writer, "Made by aerofn for development; never use it in production");
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String passwordName(Role role) {
        return "guest." + role.claim() + "-password";
    }

    /** Letters, digits, hyphens and underscores, so that it needs no escaping anywhere. */
    private static String random() {
        var bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Older versions have written keys in this form already. */
    private static String standardBase64(String key) {
        return Base64.getEncoder().encodeToString(Base64.getDecoder().decode(key.replace('-', '+').replace('_', '/')));
    }

    private String get(String key) {
        var value = values.getProperty(key);
        if (value == null) {
            throw new LauncherException("the secrets file has no " + key + "; remove the data directory to start anew");
        }
        return value;
    }
}
