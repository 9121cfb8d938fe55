package io.aerodb.functions.worker.database;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.worker.database.wire.PostgresAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where functions find their database, and how much of it.
 *
 * @param passwords of the login roles, one for each class of callers
 * @param poolSize connections kept at most for each role
 * @param maxRows rows that one query may give
 * @param maxBytes size of one answer
 * @param toleratesMissingRevokes whether a worker starts although the database lacks revokes that only a superuser can make
 */
public record GuestDatabaseSettings(
        PostgresAddress address,
        Map<Role, Secret> passwords,
        ClaimKeys claimKeys,
        int poolSize,
        int maxRows,
        int maxBytes,
        boolean toleratesMissingRevokes) {

    private static final int MIB = 1 << 20;
    private static final String URL = "worker.guest-database-url";
    private static final String KEYS = "worker.guest-database-claim-keys";

    public GuestDatabaseSettings {
        passwords = Map.copyOf(passwords);
    }

    /** Empty if no URL is set: then functions have no database. The rest is required once there is a URL. */
    public static Optional<GuestDatabaseSettings> read(Settings settings) {
        var url = settings.text(URL, "", "Database that functions query, as jdbc:postgresql://host:port/database; "
                + "?sslmode=verify-full&sslrootcert=FILE where the network is not yours. Empty: functions have none");
        var passwords = new EnumMap<Role, Secret>(Role.class);
        for (var role : Role.values()) {
            var key = "worker.guest-database-password-" + role.claim().replace('_', '-');
            var password = settings.secret(key, "Password of the login role " + role.claim() + " in that database");
            passwords.put(role, password);
            if (!url.isEmpty() && password.value().isEmpty()) {
                settings.problem(key, "is required with " + Settings.variable(URL));
            }
        }
        var keys = settings.secret(KEYS, "Keys that sign the caller's claims for that database, as id:base64 with 32 to "
                + "64 bytes, several separated by commas; the first one signs, the database has to know all of them");
        var poolSize = settings.integer("worker.guest-database-pool-size", 8, 1, 200, "Connections to it kept for each login role, at most");
        var maxRows = settings.integer("worker.guest-query-max-rows", 10_000, 1, 1_000_000, "Rows that one query may give");
        var maxBytes = settings.bytes("worker.guest-query-max-bytes", 6 * MIB, 1024, 64 * MIB, "Size of one query's answer");
        var tolerates = settings.flag("worker.guest-database-tolerate-missing-revokes", false,
                "Start although the database lacks revokes that only a superuser can make, as managed ones do; the statement gate "
                        + "and the signed claims still hold");
        return url.isEmpty()
                ? Optional.empty()
                : address(url, settings).flatMap(address -> keys(keys, settings).map(parsed -> new GuestDatabaseSettings(
                        address, passwords, parsed, poolSize, maxRows, (int) maxBytes, tolerates)));
    }

    private static Optional<PostgresAddress> address(String url, Settings settings) {
        try {
            return Optional.of(PostgresAddress.parse(url));
        } catch (IllegalArgumentException e) {
            settings.problem(URL, e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<ClaimKeys> keys(Secret text, Settings settings) {
        try {
            return Optional.of(ClaimKeys.parse(text));
        } catch (IllegalArgumentException e) {
            settings.problem(KEYS, e.getMessage());
            return Optional.empty();
        }
    }
}
