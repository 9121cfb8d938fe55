package io.aerodb.functions.database;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** A real database with our schema, for tests. */
public final class DatabaseKit {

    private DatabaseKit() {}

    /** A fresh database on a server that all tests share. The caller closes it. */
    public static Database fresh() throws InterruptedException {
        return on(TestPostgres.shared().newDatabase());
    }

    /** The caller closes it. */
    public static Database on(TestDatabase target) throws InterruptedException {
        var settings = new DatabaseSettings(target.jdbcUrl(), target.user(), new Secret(target.password()), 4);
        var database = new Database(settings, "test", new SimpleMeterRegistry());
        database.migrate();
        return database;
    }
}
