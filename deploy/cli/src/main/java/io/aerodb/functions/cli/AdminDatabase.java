package io.aerodb.functions.cli;

import io.aerodb.functions.worker.database.wire.PostgresAddress;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The application's database as its administrator, whose password is never an argument: arguments can be read by every user of a machine. */
final class AdminDatabase {

    private static final String CONNECT_SECONDS = "10";

    @Option(names = "--url", paramLabel = "URL",
            description = "The database, as postgresql://USER@HOST:PORT/NAME?sslmode=MODE&sslrootcert=FILE, or the same with jdbc: in front of it. "
                    + "The password is taken from $PGPASSWORD or .pgpass, or asked for.")
    private @Nullable String url;

    @Option(names = "--user", paramLabel = "USER",
            description = "Superuser, or the role that a managed service gives you (default: the one in the URL, or $PGUSER).")
    private @Nullable String user;

    /** In the form of a worker's setting. */
    String jdbcUrl() {
        var uri = uri();
        var port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        var query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        var jdbcUrl = "jdbc:postgresql://" + uri.getHost() + port + uri.getRawPath() + query;
        try {
            PostgresAddress.parse(jdbcUrl);
            return jdbcUrl;
        } catch (IllegalArgumentException e) {
            throw CommandException.notPossible("--url: " + e.getMessage());
        }
    }

    /** The caller closes it. */
    Connection connect() {
        var jdbcUrl = jdbcUrl();
        var as = user();
        var password = Optional.ofNullable(System.getenv("PGPASSWORD")).filter(given -> !given.isEmpty());
        try {
            return open(jdbcUrl, as, password);
        } catch (SQLException e) {
            if (password.isEmpty() && wantsPassword(e)) {
                return connectWithAnswer(jdbcUrl, as);
            }
            throw unreachable(jdbcUrl, as, e);
        }
    }

    private static Connection connectWithAnswer(String jdbcUrl, String user) {
        var console = System.console();
        if (console == null || !console.isTerminal()) {
            throw CommandException.notPossible("the database wants the password of " + user + ": set PGPASSWORD, or run this in a terminal to be asked");
        }
        try {
            return open(jdbcUrl, user, Optional.of(new String(console.readPassword("Password of %s: ", user))));
        } catch (SQLException e) {
            throw unreachable(jdbcUrl, user, e);
        }
    }

    private static Connection open(String jdbcUrl, String user, Optional<String> password) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", user);
        password.ifPresent(given -> properties.setProperty("password", given));
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        properties.setProperty("ApplicationName", "aerofn");
        return DriverManager.getConnection(jdbcUrl, properties);
    }

    private static boolean wantsPassword(SQLException e) {
        return "08004".equals(e.getSQLState()) || "28P01".equals(e.getSQLState());
    }

    private static CommandException unreachable(String jdbcUrl, String user, SQLException e) {
        return CommandException.notPossible("cannot connect to " + jdbcUrl + " as " + user + ": " + oneLine(e));
    }

    static String oneLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().map(String::strip).findFirst().orElse("no reason given");
    }

    private String user() {
        return Optional.ofNullable(user)
                .or(() -> Optional.ofNullable(uri().getUserInfo()))
                .or(() -> Optional.ofNullable(System.getenv("PGUSER")))
                .orElseThrow(() -> CommandException.notPossible("as whom? Write postgresql://USER@HOST/NAME, or give --user"));
    }

    private URI uri() {
        if (url == null) {
            throw CommandException.notPossible("which database? Give --url postgresql://USER@HOST:PORT/NAME");
        }
        try {
            var uri = URI.create(url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url);
            var isPostgres = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
            if (isPostgres && uri.getHost() != null && uri.getRawPath().length() > 1) {
                return withoutPassword(uri);
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw CommandException.notPossible("--url must be written postgresql://USER@HOST:PORT/NAME");
    }

    private static URI withoutPassword(URI uri) {
        if (uri.getUserInfo() != null && uri.getUserInfo().contains(":")) {
            throw CommandException.notPossible("take the password out of --url, where every user of this machine can read it, and set PGPASSWORD");
        }
        return uri;
    }
}
