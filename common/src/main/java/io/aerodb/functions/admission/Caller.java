package io.aerodb.functions.admission;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** Whose calls are counted together. */
public sealed interface Caller {

    /** Callers with {@code service_role}: they call for many others, so what one caller may do does not bound them. */
    record Service() implements Caller {}

    /** Whoever proves to be this subject. */
    record Subject(Role role, String subject) implements Caller {}

    /** Those who name no subject and call from one network: an IPv4 address, or the 64 bits of an IPv6 address that one customer has. */
    record Network(String prefix) implements Caller {}

    /** @param address of the other end of the connection, as text */
    static Caller of(Identity identity, String address) {
        return identity.role() == Role.SERVICE ? new Service()
                : identity.user().<Caller>map(subject -> new Subject(identity.role(), subject)).orElseGet(() -> new Network(prefix(address)));
    }

    private static String prefix(String address) {
        try {
            return InetAddress.ofLiteral(address) instanceof Inet6Address six
                    ? HexFormat.of().formatHex(Arrays.copyOf(six.getAddress(), Long.BYTES)) : address;
        } catch (IllegalArgumentException e) {
            return address; // such as a local socket
        }
    }
}
