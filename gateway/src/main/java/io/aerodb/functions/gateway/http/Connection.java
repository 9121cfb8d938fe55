package io.aerodb.functions.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Closes one connection when it was without a request for too long. Everything happens on the event loop of its channel. */
final class Connection extends ChannelDuplexHandler {

    /** The system below hands on in large pieces: it may take a slow client long to take one. */
    private static final int MAX_LOOKS_IN_VAIN = 5;

    private final Channel channel;
    private final long idleNanos;
    private long idleSince = System.nanoTime();
    private long written;
    private long takenBefore;
    private int looksInVain;
    private int requests;

    Connection(Channel channel, Duration idle) {
        this.channel = channel;
        this.idleNanos = idle.toNanos();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        check(context, idleNanos);
        context.fireChannelActive();
    }

    /** The last one before the socket, so what comes is bytes. */
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            written += bytes.readableBytes();
        }
        context.write(message, promise);
    }

    /** A request has come with all its headers. @return to be run when it has been answered, or given up; more than once does no harm */
    Runnable begin() {
        requests++;
        return new Runnable() {
            private boolean ended;

            @Override
            public void run() {
                if (!ended) {
                    ended = true;
                    requests--;
                    idleSince = System.nanoTime();
                }
            }
        };
    }

    private void check(ChannelHandlerContext context, long inNanos) {
        channel.eventLoop().schedule(() -> closeIfIdle(context), inNanos, TimeUnit.NANOSECONDS);
    }

    /** An answer that is on its way counts as long as its client takes some of it now and then. */
    private void closeIfIdle(ChannelHandlerContext context) {
        if (!channel.isOpen()) {
            return;
        }
        var unsent = unsent();
        var idleFor = System.nanoTime() - idleSince;
        if (requests > 0 || (unsent > 0 || isHeldBack()) && !isStalled(written - unsent)) {
            check(context, idleNanos);
        } else if (idleFor < idleNanos) {
            check(context, idleNanos - idleFor);
        } else if (unsent > 0) {
            context.close(); // past the server, which would wait until the client has taken it
        } else {
            channel.close();
        }
    }

    private boolean isStalled(long taken) {
        looksInVain = taken == takenBefore ? looksInVain + 1 : 0;
        takenBefore = taken;
        return looksInVain >= MAX_LOOKS_IN_VAIN;
    }

    private long unsent() {
        var buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** Whether an answer may wait until its client has room for more: in HTTP/2 that is before it is written. */
    private boolean isHeldBack() {
        var http2 = channel.pipeline().get(Http2ConnectionHandler.class);
        return http2 != null && http2.connection().numActiveStreams() > 0;
    }
}
