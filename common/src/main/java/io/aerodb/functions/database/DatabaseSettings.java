package io.aerodb.functions.database;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;

/**
 * Where our own schema lives.
 *
 * @param url {@code jdbc:postgresql://host:port/database}
 * @param user owns the schema {@code aerodb}; never a role that a function's queries run under
 * @param poolSize connections a service keeps at most
 */
public record DatabaseSettings(String url, String user, Secret password, int poolSize) {

    public static DatabaseSettings read(Settings settings) {
        var url = settings.requiredText("database.url", "PostgreSQL as jdbc:postgresql://host:port/database");
        if (!url.isEmpty() && !url.startsWith("jdbc:postgresql:")) {
            settings.problem("database.url", "must start with jdbc:postgresql:");
        }
        return new DatabaseSettings(
                url,
                settings.requiredText("database.user", "Login role that owns the schema aerodb"),
                settings.requiredSecret("database.password", "Password of that role"),
                settings.integer("database.pool-size", 8, 2, 200, "Connections this service keeps at most"));
    }
}
