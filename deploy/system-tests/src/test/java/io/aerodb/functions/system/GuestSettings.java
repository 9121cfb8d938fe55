package io.aerodb.functions.system;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.worker.database.GuestDatabaseSettings;
import io.aerodb.functions.worker.database.HardeningScript;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** What workers are told about the database of functions. */
final class GuestSettings {

    static final String KEYS = "AEROFN_WORKER_GUEST_DATABASE_CLAIM_KEYS";

    private GuestSettings() {}

    static Map<String, String> of(String url) {
        return Map.of(
                "AEROFN_WORKER_GUEST_DATABASE_URL", url,
                "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_ANON", "the password of anon",
                "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_AUTHENTICATED", "the password of authenticated",
                "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_SERVICE_ROLE", "the password of service_role",
                KEYS, "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    }

    /** Hardens the database with them. */
    static void apply(Map<String, String> variables, Connection admin) throws SQLException {
        var settings = GuestDatabaseSettings.read(Settings.of("worker", variables)).orElseThrow();
        HardeningScript.apply(admin);
        HardeningScript.setPasswords(admin, settings.passwords());
        HardeningScript.installKeys(admin, settings.claimKeys());
    }
}
