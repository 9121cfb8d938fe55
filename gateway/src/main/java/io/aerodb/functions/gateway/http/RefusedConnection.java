package io.aerodb.functions.gateway.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Answers a connection that is one too many, whatever it asks, and closes it. */
final class RefusedConnection extends ChannelInboundHandlerAdapter {

    /** A client that is still sending must have the time to read the answer. */
    private static final int LINGER_MILLIS = 500;
    private static final byte[] ANSWER = answer().getBytes(StandardCharsets.US_ASCII);

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(Unpooled.wrappedBuffer(ANSWER)).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        context.executor().schedule(() -> context.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object received) {
        ReferenceCountUtil.release(received);
    }

    private static String answer() {
        var problem = Problem.unavailable("this gateway has as many connections as it may; try again");
        var body = problem.toJson().encode();
        return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: " + Problem.CONTENT_TYPE + "\r\nRetry-After: " + problem.retryAfterSeconds()
                + "\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }
}
