package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.HostName;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class NameLookupIT {

    private static final int A = 1;
    private static final int AAAA = 28;

    @Test
    void findsTheAddressesOfBothKinds() throws Exception {
        try (var server = new NameServer("8.8.8.8", "10.0.0.1", "fd00::1", "2606:4700::1111"); var names = server.names()) {
            var found = lookup(names, "a.test.example");
            assertEquals(List.of("10.0.0.1", "2606:4700:0:0:0:0:0:1111", "8.8.8.8", "fd00:0:0:0:0:0:0:1"), found);
        }
    }

    @Test
    void findsTheAddressesOfOneKind() throws Exception {
        try (var server = new NameServer("8.8.8.8"); var names = server.names()) {
            assertEquals(List.of("8.8.8.8"), lookup(names, "a.test.example"));
        }
        try (var server = new NameServer("fd00::1"); var names = server.names()) {
            assertEquals(List.of("fd00:0:0:0:0:0:0:1"), lookup(names, "a.test.example"));
        }
    }

    @Test
    void failsWhereThereIsNoAddress() throws Exception {
        try (var server = new NameServer(); var names = server.names()) {
            assertThrows(ExecutionException.class, () -> lookup(names, "a.test.example"));
        }
    }

    @Test
    void knowsTheHostsFile() throws Exception {
        try (var server = new NameServer(); var names = server.names()) {
            assertTrue(lookup(names, "localhost").contains("127.0.0.1"));
        }
    }

    @Test
    void holdsNoThreadWhileAServerIsSilent() throws Exception {
        try (var silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var names = names(silent)) {
            var first = names.lookup(HostName.parse("a.test.example").orElseThrow()).toCompletableFuture();
            assertThrows(TimeoutException.class, () -> first.get(200, TimeUnit.MILLISECONDS));
            assertFalse(lookup(names, "localhost").isEmpty());
        }
    }

    private static List<String> lookup(NameLookup names, String name) throws Exception {
        return names.lookup(HostName.parse(name).orElseThrow()).toCompletableFuture().get(60, TimeUnit.SECONDS).stream()
                .map(InetAddress::getHostAddress)
                .sorted(Comparator.naturalOrder())
                .toList();
    }

    private static NameLookup names(DatagramSocket server) {
        return new NameLookup(new SingletonDnsServerAddressStreamProvider((InetSocketAddress) server.getLocalSocketAddress()));
    }

    /** Gives every name the same addresses. */
    private static final class NameServer implements AutoCloseable {

        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private final List<InetAddress> addresses;

        NameServer(String... addresses) throws Exception {
            this.addresses = Arrays.stream(addresses).map(InetAddress::ofLiteral).toList();
            Thread.ofVirtual().start(this::serve);
        }

        NameLookup names() {
            return NameLookupIT.names(socket);
        }

        @Override
        public void close() {
            socket.close();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try {
                    var packet = new DatagramPacket(new byte[4096], 4096);
                    socket.receive(packet);
                    var answer = answer(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                } catch (IOException e) {
                    // closed, or the client is gone
                }
            }
        }

        /** As RFC 1035 has it: the header, the question as it came, and a record for each address of the kind that was asked for. */
        private byte[] answer(ByteBuffer query) {
            var id = query.getShort();
            var question = 12;
            var end = question;
            while (query.get(end) != 0) {
                end += query.get(end) + 1;
            }
            end += 5;
            int kind = query.getShort(end - 4);
            var records = addresses.stream().map(InetAddress::getAddress)
                    .filter(address -> address.length == 4 && kind == A || address.length == 16 && kind == AAAA)
                    .toList();
            var answer = ByteBuffer.allocate(4096);
            answer.putShort(id).putShort((short) 0x8180).putShort((short) 1).putShort((short) records.size()).putInt(0);
            answer.put(query.array(), question, end - question);
            for (var address : records) {
                answer.putShort((short) 0xC00C).putShort((short) kind).putShort((short) 1).putInt(60).putShort((short) address.length).put(address);
            }
            return Arrays.copyOf(answer.array(), answer.position());
        }
    }
}
