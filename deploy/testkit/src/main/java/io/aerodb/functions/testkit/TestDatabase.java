package io.aerodb.functions.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * An empty database of its own for one test, with two ways in.
 *
 * @param user a login role that owns the database and may replicate, and is otherwise nobody special
 * @param adminUser a superuser
 */
public record TestDatabase(
        String host, int port, String name, String user, String password, String adminUser, String adminPassword) {

    /** Without credentials, so it serves both users. */
    public String jdbcUrl() {
        return "jdbc:postgresql://%s:%d/%s".formatted(host, port, name);
    }

    /** As the owner. The caller closes it. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), user, password);
    }

    /** As the superuser. The caller closes it. */
    public Connection connectAsAdmin() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), adminUser, adminPassword);
    }
}
