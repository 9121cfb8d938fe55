package io.aerodb.functions.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.transport.Transport;
import io.vertx.ext.web.RoutingContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of a server: so many at most, none without a request for long, and no request that is sent too slowly. Whoever opens
 * connections and says nothing, or says it byte by byte, costs no more than that. Thread-safe.
 */
public final class Connections {

    private final int max;
    private final Duration idle;
    private final Duration body;
    private final Runnable onRefusal;
    private final AtomicInteger open = new AtomicInteger();
    private final Map<Peer, Connection> byPeer = new ConcurrentHashMap<>();

    /** The other end of a connection: what a request and its channel both know of it. */
    private record Peer(String host, int port) {

        private static Peer of(SocketAddress address) {
            return address instanceof InetSocketAddress inet && !inet.isUnresolved()
                    ? new Peer(inet.getAddress().getHostAddress(), inet.getPort())
                    : new Peer("", 0);
        }
    }

    /**
     * @param max connections; more are answered with 503 and closed
     * @param idle how long a connection may be without a request, which must have come with all its headers by then
     * @param body how long the body of a request may take
     * @param onRefusal told of each connection that is one too many
     */
    public Connections(int max, Duration idle, Duration body, Runnable onRefusal) {
        this.max = max;
        this.idle = idle;
        this.body = body;
        this.onRefusal = onRefusal;
    }

    /** Everything that listens there is guarded. */
    public Vertx vertx() {
        var transport = new GuardedTransport(this);
        return Vertx.builder().with(new VertxOptions().setPreferNativeTransport(false)).withTransport(new Transport() {
            @Override
            public String name() {
                return "guarded";
            }

            @Override
            public boolean available() {
                return true;
            }

            @Override
            public Throwable unavailabilityCause() {
                throw new IllegalStateException("it is available");
            }

            @Override
            public io.vertx.core.spi.transport.Transport implementation() {
                return transport;
            }
        }).build();
    }

    /** How many there are now. */
    public int open() {
        return open.get();
    }

    /** Before all other handlers: the connection is busy until the request is answered, and the body has to come in time. */
    public void watch(RoutingContext context) {
        var request = context.request();
        var peer = request.connection().remoteAddress();
        var connection = peer == null ? null : byPeer.get(new Peer(peer.hostAddress(), peer.port()));
        if (connection != null) {
            var end = connection.begin();
            context.addBodyEndHandler(_ -> end.run()); // the rest is for the client to take
            context.addEndHandler(_ -> end.run()); // of one that is given up
        }
        if (hasBody(request)) {
            var timer = context.vertx().setTimer(body.toMillis(), _ -> {
                if (!request.isEnded()) {
                    context.fail(new ProblemException(Problem.requestTimeout(body)));
                }
            });
            context.addEndHandler(_ -> context.vertx().cancelTimer(timer));
        }
        context.next();
    }

    private static boolean hasBody(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_2
                || request.headers().contains(HttpHeaders.CONTENT_LENGTH) || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    ChannelHandler acceptor() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext listening, Object accepted) {
                admit((Channel) accepted);
                listening.fireChannelRead(accepted);
            }
        };
    }

    private void admit(Channel channel) {
        var peer = Peer.of(channel.remoteAddress());
        if (open.incrementAndGet() > max) {
            onRefusal.run();
            channel.pipeline().addLast(new RefusedConnection());
            channel.closeFuture().addListener(_ -> open.decrementAndGet());
            return;
        }
        var connection = new Connection(channel, idle);
        byPeer.put(peer, connection);
        channel.closeFuture().addListener(_ -> {
            open.decrementAndGet();
            byPeer.remove(peer, connection);
        });
        channel.pipeline().addLast(connection);
    }
}
