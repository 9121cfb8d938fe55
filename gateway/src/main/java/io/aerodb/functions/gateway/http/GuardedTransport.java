package io.aerodb.functions.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.spi.transport.Transport;

/** Java's own sockets, with a handler before all others on those that listen: the server has no place of its own to refuse connections. */
final class GuardedTransport implements Transport {

    private static final Transport NIO = io.vertx.core.transport.Transport.NIO.implementation();

    private final Connections connections;

    GuardedTransport(Connections connections) {
        this.connections = connections;
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return NIO.ioHandlerFactory();
    }

    @Override
    public DatagramChannel datagramChannel() {
        return NIO.datagramChannel();
    }

    @Override
    @SuppressWarnings("deprecation") // so the interface wants it
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return NIO.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return NIO.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return () -> {
            var listening = new NioServerSocketChannel();
            listening.pipeline().addLast(connections.acceptor());
            return listening;
        };
    }
}
