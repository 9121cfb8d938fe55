package io.aerodb.functions.worker.database.wire;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is.
 *
 * @param rootCertificate file with the certificates that may have signed the server's, in PEM; null for those the JDK trusts
 */
public record PostgresAddress(String host, int port, String database, TlsMode tls, @Nullable String rootCertificate) {

    private static final String PREFIX = "jdbc:";
    private static final int DEFAULT_PORT = 5432;

    /**
     * @param url {@code jdbc:postgresql://host:port/database?sslmode=…&sslrootcert=…}
     * @throws IllegalArgumentException saying what is wrong with it; other parameters are refused, for none would have an effect
     */
    public static PostgresAddress parse(String url) {
        if (!url.startsWith(PREFIX + "postgresql://")) {
            throw new IllegalArgumentException("must start with jdbc:postgresql://");
        }
        var uri = uri(url.substring(PREFIX.length()));
        var path = uri.getPath();
        if (uri.getHost() == null || path == null || path.length() < 2 || uri.getUserInfo() != null) {
            throw new IllegalArgumentException("must be written jdbc:postgresql://host:port/database");
        }
        var parameters = parameters(uri.getRawQuery());
        var mode = parameters.remove("sslmode");
        var certificate = parameters.remove("sslrootcert");
        if (!parameters.isEmpty()) {
            throw new IllegalArgumentException("only the parameters sslmode and sslrootcert are known, not " + parameters.keySet());
        }
        var tls = mode == null ? TlsMode.PREFER : TlsMode.of(mode).orElseThrow(
                () -> new IllegalArgumentException("sslmode is disable, prefer, require or verify-full"));
        var host = uri.getHost().startsWith("[") ? uri.getHost().substring(1, uri.getHost().length() - 1) : uri.getHost();
        return new PostgresAddress(host, uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(), path.substring(1), tls, certificate);
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            // its message repeats the text, which may hold a password that does not belong there
            throw new IllegalArgumentException("must be written jdbc:postgresql://host:port/database, other characters percent-encoded");
        }
    }

    private static Map<String, String> parameters(@Nullable String query) {
        var parameters = new HashMap<String, String>();
        for (var part : query == null || query.isEmpty() ? new String[0] : query.split("&")) {
            var equals = part.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("parameters are written name=value");
            }
            parameters.put(part.substring(0, equals), URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return parameters;
    }
}
