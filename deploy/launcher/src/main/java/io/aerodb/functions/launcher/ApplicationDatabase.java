package io.aerodb.functions.launcher;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.embedded.EmbeddedPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * The database of an embedded PostgreSQL and the role that owns it. The application's tables are in its schema {@code public}; our
 * own are in {@code aerodb}, which functions cannot look into.
 */
record ApplicationDatabase(EmbeddedPostgres postgres, Secrets secrets) {

    static final String NAME = "aerodb";
    static final String OWNER = "aerodb";

    String url() {
        return postgres.jdbcUrl(NAME);
    }

    /** As its owner, for {@code psql} and other tools; the password needs no escaping. */
    String connectionString() {
        return "postgresql://" + OWNER + ":" + secrets.databasePassword() + "@127.0.0.1:" + postgres.port() + "/" + NAME;
    }

    /** Runs statements as its owner, all or none. */
    void execute(String sql) throws SQLException {
        try (var owner = DriverManager.getConnection(url(), OWNER, secrets.databasePassword())) {
            execute(owner, sql);
        }
    }

    /** Makes what is missing, and makes all of it safe for functions again: what users do to it in between may not have been. */
    void prepare(GuestAccess guests) throws SQLException, InterruptedException {
        try (var superuser = connect("postgres")) {
            createIfMissing(superuser);
        }
        try (var database = new Database(
                new DatabaseSettings(url(), OWNER, new Secret(secrets.databasePassword()), 2), "aerofn-launcher", new SimpleMeterRegistry())) {
            database.migrate();
        }
        try (var superuser = connect(NAME)) {
            guests.harden(superuser);
        }
    }

    private void createIfMissing(Connection superuser) throws SQLException {
        if (!exists(superuser, "SELECT 1 FROM pg_roles WHERE rolname = '" + OWNER + "'")) {
            execute(superuser, "CREATE ROLE " + OWNER + " LOGIN PASSWORD '" + secrets.databasePassword() + "'");
        }
        execute(superuser, "ALTER ROLE " + OWNER + " REPLICATION"); // the trigger bridge reads the log as this role
        if (!exists(superuser, "SELECT 1 FROM pg_database WHERE datname = '" + NAME + "'")) {
            execute(superuser, "CREATE DATABASE " + NAME + " OWNER " + OWNER);
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(database), EmbeddedPostgres.SUPERUSER, secrets.superuserPassword());
    }

    private static boolean exists(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(query)) {
            return rows.next();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
