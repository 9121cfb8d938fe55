package io.aerodb.functions.launcher;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.worker.database.DatabaseAudit;
import io.aerodb.functions.worker.database.Finding;
import io.aerodb.functions.worker.database.GuestDatabaseSettings;
import io.aerodb.functions.worker.database.HardeningScript;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How functions get at the application's database: as three login roles whose passwords, like the key that signs claims, are in the
 * data directory's secrets.
 *
 * @param url of the database, without credentials
 */
record GuestAccess(String url, Secrets secrets) {

    /** In the form of a worker's environment. */
    Map<String, String> settings() {
        var settings = new HashMap<String, String>();
        settings.put("AEROFN_WORKER_GUEST_DATABASE_URL", url);
        settings.put("AEROFN_WORKER_GUEST_DATABASE_CLAIM_KEYS", secrets.claimKeys());
        for (var role : Role.values()) {
            settings.put("AEROFN_WORKER_GUEST_DATABASE_PASSWORD_" + role.claim().toUpperCase(Locale.ROOT), secrets.rolePassword(role));
        }
        return settings;
    }

    /** Makes the database safe for functions, as the superuser. */
    void harden(Connection superuser) throws SQLException {
        var settings = read();
        HardeningScript.apply(superuser);
        HardeningScript.setPasswords(superuser, settings.passwords());
        HardeningScript.installKeys(superuser, settings.claimKeys());
    }

    /** What still keeps it from being safe: something that the user made there, which only the user can judge. */
    List<Finding> findings() {
        return DatabaseAudit.of(read());
    }

    private GuestDatabaseSettings read() {
        var settings = Settings.of("worker", settings());
        var read = GuestDatabaseSettings.read(settings);
        settings.check();
        return read.orElseThrow();
    }
}
