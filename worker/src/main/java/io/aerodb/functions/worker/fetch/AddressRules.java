package io.aerodb.functions.worker.fetch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses a guest may be connected to: those of the public internet, and what the operator opened.
 *
 * <p>No predicate of {@link InetAddress} knows all the others, so they are listed here, after IANA's registries of special-purpose
 * addresses. Of IPv6 only 2000::/3 is in use for the public; whatever lies outside of it is denied without being listed.
 */
final class AddressRules {

    private static final Network PUBLIC_IPV6 = Network.parse("2000::/3");
    private static final Network NAT64 = Network.parse("64:ff9b::/96");

    private static final List<Network> DENIED = Stream.of(
                    "0.0.0.0/8", // this network
                    "10.0.0.0/8", // private
                    "100.64.0.0/10", // carriers' NAT; Alibaba's metadata
                    "127.0.0.0/8", // loopback
                    "168.63.129.16/32", // Azure's host, reachable from every virtual machine
                    "169.254.0.0/16", // link-local; the metadata of most clouds
                    "172.16.0.0/12", // private
                    "192.0.0.0/24", // protocol assignments; Oracle's metadata
                    "192.0.2.0/24", // documentation
                    "192.31.196.0/24", // AS112
                    "192.52.193.0/24", // AMT
                    "192.88.99.0/24", // 6to4 relays
                    "192.168.0.0/16", // private
                    "192.175.48.0/24", // AS112
                    "198.18.0.0/15", // benchmarking
                    "198.51.100.0/24", // documentation
                    "203.0.113.0/24", // documentation
                    "224.0.0.0/4", // multicast
                    "240.0.0.0/4", // reserved; broadcast
                    "2001::/23", // protocol assignments: Teredo, benchmarking, ORCHID
                    "2001:db8::/32", // documentation
                    "2001:4:112::/48", // AS112
                    "2002::/16", // 6to4: any IPv4 address inside
                    "2620:4f:8000::/48", // AS112
                    "3ffe::/16", // the 6bone, given up
                    "3fff::/20") // documentation
            .map(Network::parse)
            .toList();

    private final List<Network> opened;

    /** @param opened networks that may be connected to although they are not public */
    AddressRules(List<Network> opened) {
        this.opened = List.copyOf(opened);
    }

    boolean permits(InetAddress address) {
        var bytes = address.getAddress();
        if (NAT64.contains(bytes)) {
            return isOpened(bytes) && permits(embeddedIpv4(bytes));
        }
        return isOpened(bytes) || isPublic(bytes);
    }

    private boolean isOpened(byte[] address) {
        return opened.stream().anyMatch(network -> network.contains(address));
    }

    private static boolean isPublic(byte[] address) {
        return (address.length == 4 || PUBLIC_IPV6.contains(address))
                && DENIED.stream().noneMatch(network -> network.contains(address));
    }

    /** What a translator would connect to; a network that has only IPv6 reaches all of IPv4 that way. */
    private static InetAddress embeddedIpv4(byte[] address) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(address, 12, 16));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
