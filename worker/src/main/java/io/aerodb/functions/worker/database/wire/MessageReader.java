package io.aerodb.functions.worker.database.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads the server's messages one by one. The length of a message is known before its body is read, so whoever reads decides
 * how much to hold. Not thread-safe.
 */
public final class MessageReader {

    private static final int MAX_ERROR_BYTES = 16 << 10;
    private static final int MAX_MESSAGE_CHARACTERS = 2000;

    private final InputStream in;
    private final byte[] buffer = new byte[16 << 10];
    private int position;
    private int limit;
    private char type;
    private int length;
    private int unread;

    MessageReader(InputStream in) {
        this.in = in;
    }

    /** Goes to the next message that answers something; what the last one still held is passed over. */
    public char next() throws IOException {
        do {
            skip();
            type = (char) read();
            length = (read() << 24 | read() << 16 | read() << 8 | read()) - 4;
            if (length < 0) {
                throw new IOException("a message '" + type + "' of a negative length");
            }
            unread = length;
        } while (type == 'N' || type == 'S' || type == 'A');
        return type;
    }

    /** Whether the server has said something that nobody has asked for yet: its farewell, if nothing is outstanding. */
    public boolean hasMore() throws IOException {
        return limit - position > unread || in.available() > 0;
    }

    /** The body of the current message. @throws MessageTooLargeException if it has more bytes */
    public byte[] body(int maxBytes) throws IOException {
        if (length > maxBytes) {
            throw new MessageTooLargeException(type, length);
        }
        return take(length);
    }

    /** The current message, which is an {@code E}; of a very long one only the beginning is held. */
    public ServerError error() throws IOException {
        var body = take(Math.min(length, MAX_ERROR_BYTES));
        var severity = "ERROR";
        var sqlState = "XX000";
        var message = "";
        for (var at = 0; at < body.length && body[at] != 0; ) {
            var end = at + 1;
            while (end < body.length && body[end] != 0) {
                end++;
            }
            var text = new String(body, at + 1, end - at - 1, StandardCharsets.UTF_8);
            switch (body[at]) {
                case 'V' -> severity = text;
                case 'C' -> sqlState = text;
                case 'M' -> message = text.length() > MAX_MESSAGE_CHARACTERS ? shortened(text) : text;
                default -> { }
            }
            at = end + 1;
        }
        return new ServerError(severity, sqlState, message);
    }

    private static String shortened(String text) {
        var end = Character.isHighSurrogate(text.charAt(MAX_MESSAGE_CHARACTERS - 1))
                ? MAX_MESSAGE_CHARACTERS - 1
                : MAX_MESSAGE_CHARACTERS;
        return text.substring(0, end) + "…";
    }

    private byte[] take(int count) throws IOException {
        var body = new byte[count];
        var done = Math.min(count, limit - position);
        System.arraycopy(buffer, position, body, 0, done);
        position += done;
        while (done < count) {
            var read = in.read(body, done, count - done);
            if (read < 0) {
                throw new EOFException("the server closed the connection");
            }
            done += read;
        }
        unread -= count;
        return body;
    }

    private void skip() throws IOException {
        while (unread > 0) {
            if (position == limit) {
                fill();
            }
            var step = Math.min(unread, limit - position);
            position += step;
            unread -= step;
        }
    }

    private int read() throws IOException {
        if (position == limit) {
            fill();
        }
        return buffer[position++] & 0xFF;
    }

    private void fill() throws IOException {
        var read = in.read(buffer);
        if (read <= 0) {
            throw new EOFException("the server closed the connection");
        }
        position = 0;
        limit = read;
    }
}
