package io.aerodb.functions.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Closes one connection when it was without a request for too long. Everything happens on the event loop of its channel. */
final class Connection extends ChannelInboundHandlerAdapter {

    private final Channel channel;
    private final long idleNanos;
    private long idleSince = System.nanoTime();
    private long unsent;
    private int requests;

    Connection(Channel channel, Duration idle) {
        this.channel = channel;
        this.idleNanos = idle.toNanos();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        check(idleNanos);
        context.fireChannelActive();
    }

    /** A request has come with all its headers. */
    void begin() {
        requests++;
    }

    /** It has been answered, or given up. */
    void end() {
        requests--;
        idleSince = System.nanoTime();
    }

    private void check(long inNanos) {
        channel.eventLoop().schedule(this::closeIfIdle, inNanos, TimeUnit.NANOSECONDS);
    }

    /** An answer that is on its way counts as long as its client takes some of it. */
    private void closeIfIdle() {
        if (!channel.isOpen()) {
            return;
        }
        var buffer = channel.unsafe().outboundBuffer();
        var stillUnsent = buffer == null ? 0 : buffer.totalPendingWriteBytes();
        var idleFor = System.nanoTime() - idleSince;
        if (requests > 0 || stillUnsent > 0 && stillUnsent != unsent) {
            unsent = stillUnsent;
            check(idleNanos);
        } else if (idleFor < idleNanos) {
            check(idleNanos - idleFor);
        } else {
            channel.close();
        }
    }
}
