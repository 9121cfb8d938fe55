package io.aerodb.functions.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;

/** Calls the gateway on many connections from one thread, as cheaply as can be. */
final class HttpLoad implements AutoCloseable {

    /** How late a call at a fixed rate may be sent, and its answer seen; both count as time that the call took. */
    private static final long PRECISION_NANOS = 100_000;

    private final URI gateway;
    private final String token;
    private final SocketAddress address;
    private final Selector selector;
    private final Deque<HttpConnection> idle = new ArrayDeque<>();

    /** @param token sent with every call */
    HttpLoad(URI gateway, String token) throws IOException {
        this.gateway = gateway;
        this.token = token;
        this.address = new InetSocketAddress(gateway.getHost(), gateway.getPort());
        this.selector = Selector.open();
    }

    /** On connections of its own: the gateway closes those that wait too long for their next call. */
    Samples run(Load load) throws IOException {
        try {
            while (idle.size() < load.atOnce()) {
                idle.push(new HttpConnection(address, selector));
            }
            return new Slice(load).run();
        } finally {
            for (var connection = idle.poll(); connection != null; connection = idle.poll()) {
                connection.close();
            }
        }
    }

    private byte[] request(Load load) {
        var body = load.target() == Load.Target.FUNCTION ? LoadGenerator.PAYLOAD : "";
        return "%s %s HTTP/1.1\r\nhost: %s\r\nauthorization: Bearer %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                .formatted(body.isEmpty() ? "GET" : "POST", load.path(), gateway.getAuthority(), token, body.length(), body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private final class Slice {

        private final Load load;
        private final byte[] request;
        private final double intervalNanos;
        private final Samples samples = new Samples();
        private final long start = System.nanoTime();
        private int started;
        private int underWay;

        Slice(Load load) {
            this.load = load;
            this.request = request(load);
            this.intervalNanos = load.perSecond() == 0 ? 0 : 1e9 / load.perSecond();
        }

        Samples run() throws IOException {
            while (true) {
                var now = System.nanoTime();
                for (var due = due(now); due <= now && mayStart(due); due = due(now)) {
                    idle.pop().send(request, due);
                    started++;
                    underWay++;
                }
                if (underWay == 0 && !isOpen(due(now))) {
                    samples.elapsed(System.nanoTime() - start);
                    return samples;
                }
                await(now);
            }
        }

        private long due(long now) {
            return intervalNanos == 0 ? now : start + (long) (started * intervalNanos);
        }

        private boolean mayStart(long due) {
            return underWay < load.atOnce() && isOpen(due);
        }

        private boolean isOpen(long due) {
            return started < load.calls() && due - start < load.duration().toNanos();
        }

        private void await(long now) throws IOException {
            var due = due(now);
            if (intervalNanos == 0 || !mayStart(due)) {
                selector.select(this::receive);
            } else if (selector.selectNow(this::receive) == 0) {
                LockSupport.parkNanos(Math.min(PRECISION_NANOS, due - now));
            }
        }

        private void receive(SelectionKey ready) {
            var connection = (HttpConnection) ready.attachment();
            try {
                if (connection.receive()) {
                    samples.add(System.nanoTime() - connection.due());
                    idle.push(connection);
                    underWay--;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (var connection : idle) {
            connection.close();
        }
        selector.close();
    }
}
