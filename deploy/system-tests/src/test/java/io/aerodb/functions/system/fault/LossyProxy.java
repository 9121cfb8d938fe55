package io.aerodb.functions.system.fault;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between a client and the broker, and loses answers: the broker has stored the records, and the client is never told. Clients see
 * no other address of the broker than this one.
 */
final class LossyProxy implements AutoCloseable {

    private static final short PRODUCE = 0;
    private static final int PORT_BYTES = Integer.BYTES;

    /** What becomes of the answers to records that were stored. */
    enum Fate {
        DELIVERED,
        /** They never come, nor does anything else over that connection, which stays. */
        SWALLOWED,
        /** The connection breaks in place of the next one; those after that come. */
        CUT_ONCE
    }

    private final ServerSocket server;
    private final String brokerHost;
    private final int brokerPort;
    private final byte[] advertised;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Set<Socket> hanging = ConcurrentHashMap.newKeySet();
    private final AtomicInteger lost = new AtomicInteger();
    private volatile Fate fate = Fate.DELIVERED;

    /** @param broker {@code host:port}, as the broker itself tells it to its clients */
    LossyProxy(String broker) throws IOException {
        var colon = broker.lastIndexOf(':');
        brokerHost = broker.substring(0, colon);
        brokerPort = Integer.parseInt(broker.substring(colon + 1));
        var host = brokerHost.getBytes(StandardCharsets.US_ASCII);
        advertised = ByteBuffer.allocate(host.length + PORT_BYTES).put(host).putInt(brokerPort).array();
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** For clients. */
    String bootstrap() {
        return brokerHost + ":" + server.getLocalPort();
    }

    /** From now on. Connections that hang from before break. */
    void answersAre(Fate fate) throws IOException {
        this.fate = fate;
        for (var connection : hanging) {
            connection.close();
        }
    }

    /** How many answers were lost. */
    int lost() {
        return lost.get();
    }

    private void accept() {
        try {
            while (true) {
                var client = server.accept();
                var broker = new Socket(brokerHost, brokerPort);
                sockets.add(client);
                sockets.add(broker);
                var produces = ConcurrentHashMap.<Integer>newKeySet();
                pump(client, broker, frame -> {
                    if (ByteBuffer.wrap(frame).getShort() == PRODUCE) {
                        produces.add(ByteBuffer.wrap(frame).getInt(2 * Short.BYTES));
                    }
                    return true;
                });
                pump(broker, client, frame -> {
                    hideBroker(frame);
                    if (produces.remove(ByteBuffer.wrap(frame).getInt()) && !survives()) {
                        hanging.add(client);
                    }
                    return !hanging.contains(client);
                });
            }
        } catch (IOException e) {
            // closed, or the broker is away
        }
    }

    private interface Filter {

        /** Whether the frame goes on. */
        boolean passes(byte[] frame) throws IOException;
    }

    /** Kafka's protocol is frames with their length before them. When one direction ends, so does the other. */
    private void pump(Socket from, Socket to, Filter filter) {
        Thread.ofVirtual().start(() -> {
            try (from; to) {
                var in = new DataInputStream(from.getInputStream());
                var out = new DataOutputStream(to.getOutputStream());
                while (true) {
                    var frame = in.readNBytes(in.readInt());
                    if (filter.passes(frame)) {
                        out.write(ByteBuffer.allocate(Integer.BYTES + frame.length).putInt(frame.length).put(frame).array());
                        out.flush();
                    }
                }
            } catch (IOException e) {
                sockets.remove(from);
                sockets.remove(to);
            }
        });
    }

    private boolean survives() throws IOException {
        return switch (fate) {
            case DELIVERED -> true;
            case SWALLOWED -> {
                lost.incrementAndGet();
                yield false;
            }
            case CUT_ONCE -> {
                fate = Fate.DELIVERED;
                lost.incrementAndGet();
                throw new IOException("cut");
            }
        };
    }

    /** Wherever the broker tells its address, this one takes its place. */
    private void hideBroker(byte[] frame) {
        for (var at = 0; at + advertised.length <= frame.length; at++) {
            if (Arrays.equals(frame, at, at + advertised.length, advertised, 0, advertised.length)) {
                ByteBuffer.wrap(frame).putInt(at + advertised.length - PORT_BYTES, server.getLocalPort());
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (var socket : sockets) {
            socket.close();
        }
    }
}
