package io.aerodb.functions.function;

import java.net.IDN;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A host as a URL names it, in the one form that all its spellings share: a lower-case name of the DNS, or an IP address.
 *
 * <p>An address is one only where it is written out in full. The shorter notations that resolvers accept, such as
 * {@code 127.1}, {@code 0x7f.1} or {@code 2130706433}, are no hosts at all, so nobody can disagree about what they mean.
 */
public final class HostName {

    private static final int MAX_CHARACTERS = 253;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
    private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(.*\\.)?([0-9]+|0[xX][0-9a-fA-F]*)\\.?");
    private static final Pattern DOTTED_QUAD = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    private static final Pattern BRACKETED = Pattern.compile("\\[[0-9a-fA-F:.]{2,45}]");
    /** Older and newer rules for international names map these to different hosts. */
    private static final Pattern AMBIGUOUS = Pattern.compile("[ßẞς\u200c\u200d]");

    private final String text;
    private final @Nullable InetAddress literal;

    private HostName(String text, @Nullable InetAddress literal) {
        this.text = text;
        this.literal = literal;
    }

    /**
     * @param written as in a URL, an IPv6 address in brackets
     * @return empty if it is no host, or one that can be understood in two ways
     */
    public static Optional<HostName> parse(String written) {
        if (written.startsWith("[")) {
            return ipv6(written);
        }
        return ENDS_IN_NUMBER.matcher(written).matches() ? ipv4(written) : name(written);
    }

    /** The address, if the host is one. */
    public Optional<InetAddress> literal() {
        return Optional.ofNullable(literal);
    }

    /** @return whether this is {@code suffix} with at least one label before it */
    boolean isBelow(String suffix) {
        return literal == null && text.endsWith("." + suffix);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HostName host && host.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The canonical form, as a URL names it. */
    @Override
    public String toString() {
        return text;
    }

    private static Optional<HostName> name(String written) {
        if (written.length() > MAX_CHARACTERS + 1 || AMBIGUOUS.matcher(written).find()) {
            return Optional.empty();
        }
        String ascii;
        try {
            ascii = IDN.toASCII(written, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        var relative = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
        // full-width digits and dots become plain ones only now
        return relative.length() <= MAX_CHARACTERS && NAME.matcher(relative).matches() && !ENDS_IN_NUMBER.matcher(relative).matches()
                ? Optional.of(new HostName(relative, null))
                : Optional.empty();
    }

    private static Optional<HostName> ipv4(String written) {
        if (!DOTTED_QUAD.matcher(written).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new HostName(written, Inet4Address.ofLiteral(written)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<HostName> ipv6(String written) {
        if (!BRACKETED.matcher(written).matches()) {
            return Optional.empty();
        }
        try {
            // an IPv4 address in disguise comes back as an IPv4 address
            return Inet6Address.ofLiteral(written.substring(1, written.length() - 1)) instanceof Inet6Address address
                    ? Optional.of(new HostName("[" + address.getHostAddress() + "]", address))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
