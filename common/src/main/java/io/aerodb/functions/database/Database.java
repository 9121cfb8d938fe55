package io.aerodb.functions.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.postgresql.Driver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool of connections to our own schema. Thread-safe; whoever opens it closes it. */
public final class Database implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(250);

    private final DatabaseSettings settings;
    private final HikariDataSource pool;

    /** Work on one connection. */
    public interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Opens the pool without connecting: PostgreSQL may still be on its way. */
    public Database(DatabaseSettings settings, String applicationName, MeterRegistry metrics) {
        this.settings = settings;
        var config = new HikariConfig();
        config.setPoolName(applicationName);
        config.setJdbcUrl(settings.url());
        config.setUsername(settings.user());
        config.setPassword(settings.password().value());
        config.setMaximumPoolSize(settings.poolSize());
        config.setMinimumIdle(1);
        config.setConnectionTimeout(1500);
        config.setValidationTimeout(500);
        config.setInitializationFailTimeout(-1);
        config.setMetricRegistry(metrics);
        config.addDataSourceProperty("ApplicationName", applicationName);
        config.addDataSourceProperty("connectTimeout", "2");
        config.addDataSourceProperty("socketTimeout", "30");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("reWriteBatchedInserts", "true");
        this.pool = new HikariDataSource(config);
    }

    /**
     * Brings the schema to this version, waiting for PostgreSQL as long as it takes.
     *
     * @throws InterruptedException if the service is being stopped meanwhile
     * @throws FlywayException if the schema cannot be migrated, for example because it is newer than this version
     */
    public void migrate() throws InterruptedException {
        for (var attempt = 1; ; attempt++) {
            try (var _ = pool.getConnection()) {
                break;
            } catch (SQLException e) {
                if (attempt % 10 == 1) {
                    LOG.atWarn().addKeyValue("url", settings.url()).log("waiting for PostgreSQL: {}", e.getMessage());
                }
                Thread.sleep(RETRY_PAUSE);
            }
        }
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(pool)
                .schemas("aerodb")
                .locations("classpath:io/aerodb/functions/database/migrations")
                .load()
                .migrate();
    }

    /** Runs statements that each commit by themselves. @throws UnavailableException if PostgreSQL is away */
    public <T> T run(Work<T> work) {
        try (var connection = pool.getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /** Runs statements that commit together or not at all. @throws UnavailableException if PostgreSQL is away */
    public <T> T inTransaction(Work<T> work) {
        return run(connection -> {
            connection.setAutoCommit(false);
            try {
                var result = work.on(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                try {
                    connection.rollback();
                } catch (SQLException lost) {
                    e.addSuppressed(lost);
                }
                throw e;
            }
        });
    }

    /**
     * Runs statements in a transaction that is under way, for code that cannot throw what they throw.
     *
     * @throws UnavailableException if PostgreSQL is away
     */
    public static <T> T within(Connection transaction, Work<T> work) {
        try {
            return work.on(transaction);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /** Whether PostgreSQL answers right now. */
    public boolean isReachable() {
        try (var connection = pool.getConnection()) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    /** A connection outside the pool, for one that listens and therefore never goes back. The caller closes it. */
    Connection dedicatedConnection() throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", settings.user());
        properties.setProperty("password", settings.password().value());
        properties.setProperty("ApplicationName", pool.getPoolName() + "-listener");
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("tcpKeepAlive", "true");
        return new Driver().connect(settings.url(), properties);
    }

    @Override
    public void close() {
        pool.close();
    }

    private static RuntimeException translated(SQLException e) {
        return isAway(e) ? new UnavailableException("postgres", e) : new DatabaseException(e);
    }

    private static boolean isAway(SQLException e) {
        var state = e.getSQLState() == null ? "" : e.getSQLState();
        return e instanceof SQLTransientConnectionException
                || e instanceof SQLNonTransientConnectionException
                || state.startsWith("08") // connection exception
                || state.startsWith("57P") // shutting down, crashed, starting up
                || state.startsWith("53") // out of connections, memory or disk
                || state.equals("25P03"); // a transaction of ours stood still for too long, and its connection was cut
    }
}
