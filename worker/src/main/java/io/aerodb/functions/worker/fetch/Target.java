package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.function.HostName;
import io.aerodb.functions.worker.wasm.HostError;
import java.util.regex.Pattern;

/**
 * What a URL points to. It is read more strictly than clients usually do, so that what is checked is what is called.
 *
 * @param isSecure whether the scheme is https
 * @param path with the query, starting with a slash; as it was written
 */
record Target(boolean isSecure, HostName host, int port, String path) {

    private static final int MAX_CHARACTERS = 8192;
    private static final Pattern URL = Pattern.compile("(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?<authority>[^/?]*)(?<path>[^?]*)(?<query>\\?.*)?");
    private static final Pattern AUTHORITY = Pattern.compile("(?<host>\\[[^\\[\\]]*]|[^:\\[\\]]*)(:(?<port>[1-9][0-9]{0,4}))?");

    static Target parse(String url) throws FetchException {
        if (url.length() > MAX_CHARACTERS) {
            throw new FetchException(HostError.TOO_LARGE, "a URL has at most " + MAX_CHARACTERS + " characters");
        }
        var fragment = url.indexOf('#');
        var matcher = URL.matcher(fragment < 0 ? url : url.substring(0, fragment));
        if (!matcher.matches()) {
            throw invalid("'url' must be an absolute URL, such as https://api.example.com/path");
        }
        var isSecure = matcher.group("scheme").equalsIgnoreCase("https");
        if (!isSecure && !matcher.group("scheme").equalsIgnoreCase("http")) {
            throw invalid("the scheme of a URL must be https or http");
        }
        var query = matcher.group("query") == null ? "" : matcher.group("query");
        var path = matcher.group("path") + query;
        if (!path.chars().allMatch(Target::isUrlCharacter)) {
            throw invalid("the path and query of a URL must be percent-encoded");
        }
        var authority = matcher.group("authority");
        if (authority.contains("@")) {
            throw invalid("a URL must not contain a user or password: send an Authorization header");
        }
        var parts = AUTHORITY.matcher(authority);
        if (!parts.matches()) {
            throw invalid("the URL must name a host, or host:port with a port from 1 to 65535");
        }
        var host = HostName.parse(parts.group("host")).orElseThrow(() -> invalid(
                "the URL's host is no name of letters, digits, '-' and '.', and no IP address written out in full"));
        var port = parts.group("port") == null ? defaultPort(isSecure) : Integer.parseInt(parts.group("port"));
        if (port > 65_535) {
            throw invalid("the port of a URL is a number from 1 to 65535");
        }
        return new Target(isSecure, host, port, path.startsWith("/") ? path : "/" + path);
    }

    /** Whether a character may stand in a path or query as it is. */
    static boolean isUrlCharacter(int character) {
        return character > ' ' && character < 0x7F && "\"<>\\^`{|}".indexOf(character) < 0;
    }

    int defaultPort() {
        return defaultPort(isSecure);
    }

    boolean hasOriginOf(Target other) {
        return isSecure == other.isSecure && port == other.port && host.equals(other.host);
    }

    /** Host, and port unless it is the scheme's own: what an entry of the allowed hosts would be. */
    String authority() {
        return port == defaultPort() ? host.toString() : host + ":" + port;
    }

    String origin() {
        return (isSecure ? "https://" : "http://") + authority();
    }

    private static int defaultPort(boolean isSecure) {
        return isSecure ? 443 : 80;
    }

    private static FetchException invalid(String message) {
        return new FetchException(HostError.INVALID, message);
    }
}
