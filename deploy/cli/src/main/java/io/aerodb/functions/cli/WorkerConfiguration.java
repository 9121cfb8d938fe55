package io.aerodb.functions.cli;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.worker.database.GuestDatabaseSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a worker is told about the database of functions, read as a worker reads it: from a file and the environment, which wins. */
final class WorkerConfiguration {

    static final String KEYS_VARIABLE = "AEROFN_WORKER_GUEST_DATABASE_CLAIM_KEYS";
    private static final Pattern KEYS_LINE = Pattern.compile("^(\\s*worker\\.guest-database-claim-keys\\s*[=:]\\s*).*$", Pattern.MULTILINE);

    @Option(names = "--settings", paramLabel = "FILE",
            description = "Properties file with a worker's settings (default: $AEROFN_CONFIG_FILE). Variables of the environment win.")
    private @Nullable Path given;

    /** Empty if neither the environment nor a file says where the database is. */
    Optional<GuestDatabaseSettings> read() {
        return read(environment());
    }

    static Optional<GuestDatabaseSettings> read(Map<String, String> environment) {
        var settings = Settings.of("worker", environment);
        var read = GuestDatabaseSettings.read(settings);
        settings.checkRead();
        return read;
    }

    GuestDatabaseSettings require() {
        return read().orElseThrow(() -> CommandException.notPossible("no worker's settings for the functions' database are known: give --settings FILE, "
                + "or set AEROFN_WORKER_GUEST_DATABASE_URL and what belongs to it"));
    }

    /** The file that is not there yet and could be made. */
    Optional<Path> missingFile() {
        return file().filter(Files::notExists);
    }

    /** Makes a file, for its owner only, with a new random password for each role and a new random key. */
    static void create(Path file, String jdbcUrl) {
        var lines = new StringBuilder("# How workers reach the database of functions. Made by 'aerofn database harden'.\n");
        lines.append("worker.guest-database-url=").append(jdbcUrl).append('\n');
        for (var role : Role.values()) {
            lines.append("worker.guest-database-password-").append(role.claim().replace('_', '-')).append('=').append(RandomSecret.password()).append('\n');
        }
        lines.append("worker.guest-database-claim-keys=").append(RandomSecret.claimKey()).append('\n');
        try {
            replace(file, lines.toString());
        } catch (IOException e) {
            throw CommandException.notPossible("cannot write " + file + ": " + e.getMessage());
        }
    }

    /**
     * Puts other claim keys into the file, if that is where they stand.
     *
     * @return the file; empty if they stand elsewhere, and somebody else has to put them there
     */
    Optional<Path> replaceClaimKeys(String keys) throws IOException {
        var file = file().filter(Files::isRegularFile);
        if (System.getenv(KEYS_VARIABLE) != null || file.isEmpty()) {
            return Optional.empty();
        }
        var text = Files.readString(file.get());
        if (KEYS_LINE.matcher(text).results().count() != 1) {
            return Optional.empty();
        }
        replace(file.get().toRealPath(), KEYS_LINE.matcher(text).replaceFirst("$1" + Matcher.quoteReplacement(keys)));
        return file;
    }

    private Map<String, String> environment() {
        var environment = new HashMap<>(System.getenv());
        file().ifPresent(file -> environment.put(Settings.FILE_VARIABLE, file.toString()));
        return environment;
    }

    private Optional<Path> file() {
        return Optional.ofNullable(given).or(() -> Optional.ofNullable(System.getenv(Settings.FILE_VARIABLE)).map(Path::of));
    }

    /** At once or not at all. One that was there keeps its permissions. */
    private static void replace(Path file, String text) throws IOException {
        var permissions = Files.exists(file) ? Files.getPosixFilePermissions(file) : PosixFilePermissions.fromString("rw-------");
        var temporary = Files.createTempFile(file.toAbsolutePath().getParent(), "settings", ".tmp");
        Files.writeString(temporary, text);
        Files.setPosixFilePermissions(temporary, permissions);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
