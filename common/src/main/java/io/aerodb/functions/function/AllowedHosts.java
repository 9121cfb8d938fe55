package io.aerodb.functions.function;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that a function may call, by default none. An entry is a host such as {@code api.example.com}, all names below one as
 * {@code *.example.com}, or an IP address, IPv6 in brackets; without {@code :port} it means the default port of the scheme.
 */
public final class AllowedHosts {

    public static final AllowedHosts NONE = new AllowedHosts(Set.of());

    private static final int MAX_ENTRIES = 100;
    private static final Pattern ENTRY = Pattern.compile("(?<wildcard>\\*\\.)?(?<host>\\[[^\\[\\]]*]|[^:\\[\\]*]+)(:(?<port>[1-9][0-9]{0,4}))?");
    private static final int ANY_DEFAULT_PORT = 0;

    private final Set<Entry> entries;

    private AllowedHosts(Set<Entry> entries) {
        this.entries = entries;
    }

    /**
     * Reads the list as an author wrote it.
     *
     * @throws InvalidFunctionException naming the entry that is wrong and the rule it breaks
     */
    public static AllowedHosts parse(List<String> written) {
        if (written.size() > MAX_ENTRIES) {
            throw invalid("config.allowed_hosts has " + written.size() + " entries, allowed are " + MAX_ENTRIES);
        }
        var entries = new LinkedHashSet<Entry>();
        written.forEach(text -> entries.add(entry(text)));
        return new AllowedHosts(entries);
    }

    /** @param defaultPort of the scheme that is to be used */
    public boolean allows(HostName host, int port, int defaultPort) {
        return entries.stream().anyMatch(entry -> entry.matches(host) && entry.matches(port, defaultPort));
    }

    /** The entries in the one form that all their spellings share, in the author's order; {@link #parse} reads them. */
    public List<String> entries() {
        return entries.stream().map(Entry::toString).toList();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AllowedHosts hosts && hosts.entries.equals(entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return entries.toString();
    }

    private static Entry entry(String text) {
        if (text.contains("/") || text.contains("@")) {
            throw refused(text, "write the host alone, without scheme, user or path");
        }
        var matcher = ENTRY.matcher(text);
        if (!matcher.matches()) {
            throw refused(text, "write a host, *.host or host:port, an IPv6 address in brackets");
        }
        var host = HostName.parse(matcher.group("host")).orElseThrow(() -> refused(text,
                "it names no host: use letters, digits, '-' and '.', or an IP address written out in full"));
        var isWildcard = matcher.group("wildcard") != null;
        if (isWildcard && host.literal().isPresent()) {
            throw refused(text, "an IP address has no names below it");
        }
        if (isWildcard && !host.toString().contains(".")) {
            throw refused(text, "a wildcard needs a domain of at least two labels, such as *.example.com");
        }
        var port = matcher.group("port") == null ? ANY_DEFAULT_PORT : Integer.parseInt(matcher.group("port"));
        if (port > 65_535) {
            throw refused(text, "a port is a number from 1 to 65535");
        }
        return new Entry(isWildcard, host, port);
    }

    private static InvalidFunctionException refused(String text, String rule) {
        var shown = text.length() <= 80 ? text : text.substring(0, 80) + "…";
        return invalid("config.allowed_hosts has the entry '" + shown + "': " + rule);
    }

    private static InvalidFunctionException invalid(String message) {
        return new InvalidFunctionException("invalid_request", message);
    }

    private record Entry(boolean isWildcard, HostName host, int port) {

        boolean matches(HostName asked) {
            return isWildcard ? asked.isBelow(host.toString()) : asked.equals(host);
        }

        boolean matches(int askedPort, int defaultPort) {
            return askedPort == (port == ANY_DEFAULT_PORT ? defaultPort : port);
        }

        @Override
        public String toString() {
            return (isWildcard ? "*." : "") + host + (port == ANY_DEFAULT_PORT ? "" : ":" + port);
        }
    }
}
