package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.function.HostName;
import java.net.InetAddress;
import java.util.Arrays;

/** A range of addresses that share their first bits. */
public final class Network {

    private final byte[] start;
    private final int prefixLength;

    private Network(byte[] start, int prefixLength) {
        this.start = start;
        this.prefixLength = prefixLength;
    }

    /**
     * @param cidr such as {@code 10.0.0.0/8} or {@code fd00::/8}
     * @throws IllegalArgumentException with the rule it breaks
     */
    public static Network parse(String cidr) {
        var slash = cidr.indexOf('/');
        var written = slash < 0 ? cidr : cidr.substring(0, slash);
        var start = HostName.parse(written.contains(":") ? "[" + written + "]" : written)
                .flatMap(HostName::literal)
                .orElseThrow(() -> new IllegalArgumentException("'" + cidr + "' is no network: write it as 10.0.0.0/8 or fd00::/8"))
                .getAddress();
        var bits = start.length * 8;
        var length = slash < 0 ? "" : cidr.substring(slash + 1);
        if (!length.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(length) > bits) {
            throw new IllegalArgumentException("'" + cidr + "' needs a prefix length from 0 to " + bits + ", such as /" + bits + " for one address");
        }
        var network = new Network(start, Integer.parseInt(length));
        if (network.hasBitsAfterPrefix()) {
            throw new IllegalArgumentException("'" + cidr + "' has bits set after its prefix");
        }
        return network;
    }

    /** How many addresses it has, as a power of two. */
    int sizeBits() {
        return start.length * 8 - prefixLength;
    }

    boolean contains(InetAddress address) {
        return contains(address.getAddress());
    }

    /** @param address 4 or 16 bytes */
    boolean contains(byte[] address) {
        if (address.length != start.length) {
            return false;
        }
        var whole = prefixLength / 8;
        var rest = prefixLength % 8;
        return Arrays.mismatch(address, 0, whole, start, 0, whole) < 0
                && (rest == 0 || ((address[whole] ^ start[whole]) & 0xFF) >> (8 - rest) == 0);
    }

    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(start).getHostAddress() + "/" + prefixLength;
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean hasBitsAfterPrefix() {
        for (var bit = prefixLength; bit < start.length * 8; bit++) {
            if ((start[bit / 8] >> (7 - bit % 8) & 1) != 0) {
                return true;
            }
        }
        return false;
    }
}
