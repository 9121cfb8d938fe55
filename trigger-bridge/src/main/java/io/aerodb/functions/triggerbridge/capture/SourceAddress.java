package io.aerodb.functions.triggerbridge.capture;

import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.Driver;

/**
 * Where the log is read: one server, which is that of the primary.
 *
 * @param parameters of the driver, such as {@code sslrootcert}, but for those that would break a stream off
 */
public record SourceAddress(String host, int port, String database, Map<String, String> parameters) {

    /** Debezium sets these as a stream needs them. */
    private static final Set<String> OWN = Set.of("PGHOST", "PGPORT", "PGDBNAME", "user", "password", "socketTimeout", "ApplicationName", "replication",
            "assumeMinServerVersion", "preferQueryMode", "autosave", "readOnly", "targetServerType", "loadBalanceHosts", "hostRecheckSeconds");

    public SourceAddress {
        parameters = Map.copyOf(parameters);
    }

    /**
     * @param url as the driver takes it
     * @throws IllegalArgumentException saying what is wrong, for whoever has written it
     */
    public static SourceAddress parse(String url) {
        var read = Driver.parseURL(url, new Properties());
        if (read == null) {
            throw new IllegalArgumentException("is no address of PostgreSQL; write jdbc:postgresql://host:port/database");
        }
        var host = read.getProperty("PGHOST");
        if (host.contains(",")) {
            throw new IllegalArgumentException("names several servers (" + host + "): the log is read from one, the primary; name that one");
        }
        var database = read.getProperty("PGDBNAME", "");
        if (database.isEmpty()) {
            throw new IllegalArgumentException("names no database; write jdbc:postgresql://host:port/database");
        }
        return new SourceAddress(host, Integer.parseInt(read.getProperty("PGPORT")), database,
                read.stringPropertyNames().stream().filter(name -> !OWN.contains(name)).collect(Collectors.toMap(name -> name, read::getProperty)));
    }

    /** Tells Debezium. Those that it does not know are handed to the driver. */
    void in(Properties given) {
        given.setProperty("database.sslmode", "prefer");
        parameters.forEach((name, value) -> given.setProperty("database." + name, value));
        given.setProperty("database.hostname", host);
        given.setProperty("database.port", String.valueOf(port));
        given.setProperty("database.dbname", database);
    }
}
