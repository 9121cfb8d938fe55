package io.aerodb.functions.testkit;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server for tests, ready for logical decoding. Every test takes a {@link #newDatabase()} of its own. */
public final class TestPostgres implements AutoCloseable {

    /** The one exception from "no static state": tests have no other place that lives as long as their JVM. */
    private static @Nullable TestPostgres shared;

    private final DatabaseServer server;
    private final boolean isShared;

    private TestPostgres(DatabaseServer server, boolean isShared) {
        this.server = server;
        this.isShared = isShared;
    }

    /** The server of this JVM, started by whoever asks first and removed when the JVM ends. Nobody may stop it. */
    public static synchronized TestPostgres shared() {
        if (shared == null) {
            shared = started(true);
            Runtime.getRuntime().addShutdownHook(new Thread(shared.server::remove, "remove-shared-postgres"));
        }
        return shared;
    }

    /** A running server for one test, which may stop and start it and must close it. */
    public static TestPostgres own() {
        return started(false);
    }

    /** An empty database that nobody else knows, owned by a role that nobody else has. It goes when the server goes. */
    public TestDatabase newDatabase() {
        String suffix = RandomName.suffix();
        var database = new TestDatabase(
                server.host(),
                server.port(),
                "test_" + suffix,
                "aerodb_" + suffix,
                RandomName.password(),
                DatabaseServer.SUPERUSER,
                server.superuserPassword());
        try (var connection = server.connectAsSuperuser();
                var statement = connection.createStatement()) {
            statement.execute("CREATE ROLE %s LOGIN REPLICATION PASSWORD '%s'".formatted(database.user(), database.password()));
            statement.execute("CREATE DATABASE %s OWNER %s".formatted(database.name(), database.user()));
        } catch (SQLException failure) {
            throw new IllegalStateException("cannot create the database " + database.name(), failure);
        }
        return database;
    }

    /** Returns once the server is gone; its data stay. */
    public void stop() {
        checkOwn();
        server.stop();
    }

    /** Like {@link #stop()}, but as a crash would. */
    public void kill() {
        checkOwn();
        server.kill();
    }

    /** From now on it answers nothing, and nobody is told so: connections stay open, and new ones are taken by the operating system only. */
    public void pause() {
        checkOwn();
        server.pause();
    }

    /** After {@link #pause()}: it goes on where it was. */
    public void resume() {
        checkOwn();
        server.resume();
    }

    /** After {@link #stop()} or {@link #kill()}. Returns once connections are accepted again, at the same address. */
    public void start() {
        checkOwn();
        server.start();
    }

    /** Stops the server and removes its data. */
    @Override
    public void close() {
        checkOwn();
        server.remove();
    }

    private static TestPostgres started(boolean isShared) {
        var server = DatabaseServer.create();
        try {
            server.start();
        } catch (RuntimeException failure) {
            server.remove();
            throw failure;
        }
        return new TestPostgres(server, isShared);
    }

    private void checkOwn() {
        if (isShared) {
            throw new IllegalStateException("other tests use this server too: take TestPostgres.own()");
        }
    }
}
