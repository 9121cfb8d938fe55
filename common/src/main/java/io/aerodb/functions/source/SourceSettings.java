package io.aerodb.functions.source;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.DatabaseSettings;

/** Where the application's tables are whose changes run functions. */
public final class SourceSettings {

    private static final int POOL_SIZE = 4;

    private SourceSettings() {}

    /** @param own the services' own database, which is the application's too unless another one is given */
    public static DatabaseSettings read(Settings settings, DatabaseSettings own) {
        var url = settings.text("source.url", "",
                "PostgreSQL with the tables whose changes run functions, as jdbc:postgresql://host:port/database; that of AEROFN_DATABASE_URL if empty");
        var user = settings.text("source.user", "", "Login role that owns those tables and may replicate; needed if AEROFN_SOURCE_URL is given");
        var password = settings.secret("source.password", "Password of that role");
        if (url.isEmpty()) {
            if (!user.isEmpty() || !password.value().isEmpty()) {
                settings.problem("source.url", "is needed as well, as there are a user or a password for it");
            }
            return new DatabaseSettings(own.url(), own.user(), own.password(), POOL_SIZE);
        }
        if (!url.startsWith("jdbc:postgresql:")) {
            settings.problem("source.url", "must start with jdbc:postgresql:");
        }
        if (user.isEmpty()) {
            settings.problem("source.user", "is needed, as there is an AEROFN_SOURCE_URL");
        }
        return new DatabaseSettings(url, user, new Secret(password.value()), POOL_SIZE);
    }
}
