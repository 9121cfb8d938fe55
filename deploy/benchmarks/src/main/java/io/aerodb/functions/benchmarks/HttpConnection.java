package io.aerodb.functions.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A connection that is kept open, with one call under way at most. Knows as much of HTTP as the gateway's answers need. */
final class HttpConnection implements AutoCloseable {

    private static final int MAX_ANSWER_BYTES = 64 * 1024;
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final String LENGTH = "\r\ncontent-length: ";
    private static final String OK = "HTTP/1.1 200 ";

    private final SocketChannel channel;
    private final ByteBuffer answer = ByteBuffer.allocate(MAX_ANSWER_BYTES);
    /** When the call that is under way was to start, of {@link System#nanoTime()}. */
    private long due;

    HttpConnection(SocketAddress gateway, Selector selector) throws IOException {
        channel = SocketChannel.open(gateway);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, this);
    }

    void send(byte[] request, long dueNanos) throws IOException {
        due = dueNanos;
        answer.clear();
        for (var rest = ByteBuffer.wrap(request); rest.hasRemaining();) {
            channel.write(rest); // far smaller than the socket's buffer, which is empty
        }
    }

    long due() {
        return due;
    }

    /**
     * Takes what has come.
     *
     * @return whether the answer is complete
     * @throws IllegalStateException if it is not 200
     */
    boolean receive() throws IOException {
        if (channel.read(answer) < 0) {
            throw new EOFException("the gateway has closed a connection");
        }
        var text = new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1);
        var endOfHead = text.indexOf(END_OF_HEAD);
        if (endOfHead < 0) {
            return false;
        }
        if (!text.startsWith(OK)) {
            throw new IllegalStateException("the gateway answered " + text);
        }
        return text.length() == endOfHead + END_OF_HEAD.length() + length(text, endOfHead);
    }

    private static int length(String text, int endOfHead) {
        var start = text.indexOf(LENGTH) + LENGTH.length();
        if (start < LENGTH.length() || start > endOfHead) {
            throw new IllegalStateException("an answer without a length: " + text);
        }
        return Integer.parseInt(text, start, text.indexOf('\r', start), 10);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
