package io.aerodb.functions.launcher;

import io.aerodb.functions.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** The database of an embedded PostgreSQL and the role that owns it, made on first use. */
final class ApplicationDatabase {

    static final String NAME = "aerodb";
    static final String OWNER = "aerodb";

    private ApplicationDatabase() {}

    static void createIfMissing(EmbeddedPostgres postgres, Secrets secrets) throws SQLException {
        try (var connection = DriverManager.getConnection(
                postgres.jdbcUrl("postgres"), EmbeddedPostgres.SUPERUSER, secrets.superuserPassword())) {
            if (!exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = '" + OWNER + "'")) {
                execute(connection, "CREATE ROLE " + OWNER + " LOGIN PASSWORD '" + secrets.databasePassword() + "'");
            }
            if (!exists(connection, "SELECT 1 FROM pg_database WHERE datname = '" + NAME + "'")) {
                execute(connection, "CREATE DATABASE " + NAME + " OWNER " + OWNER);
            }
        }
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
