package io.aerodb.functions.system.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sends what no decent client would, each request on a connection of its own, and reads the answer strictly. */
public final class RawClient {

    /** Longer than any function here may run; an answer that does not come by then is a defect. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final InetSocketAddress address;

    public RawClient(URI url) {
        address = new InetSocketAddress(url.getHost(), url.getPort());
    }

    /** Fails where there is no answer, or one that is not HTTP. */
    public RawAnswer send(RawRequest request) {
        try (var socket = new Socket()) {
            socket.connect(address, (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            write(socket, request.bytes());
            return read(new BufferedInputStream(socket.getInputStream()), request.method().equals("HEAD"));
        } catch (IOException e) {
            throw new AssertionError("no answer: " + e, e);
        }
    }

    private static void write(Socket socket, byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException e) {
            // refused before it was sent whole; the answer tells why
        }
    }

    private static RawAnswer read(InputStream in, boolean head) throws IOException {
        while (true) {
            var first = line(in);
            if (!first.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
                throw new AssertionError("no status line of HTTP: " + first);
            }
            var status = Integer.parseInt(first.substring(9, 12));
            var headers = headers(in);
            if (status >= 200) {
                return new RawAnswer(status, headers, head || status == 204 || status == 304 ? new byte[0] : body(in, headers));
            }
        }
    }

    private static Map<String, List<String>> headers(InputStream in) throws IOException {
        var headers = new HashMap<String, List<String>>();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            var colon = line.indexOf(':');
            if (colon < 1) {
                throw new AssertionError("no header of HTTP: " + line);
            }
            headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>()).add(line.substring(colon + 1).strip());
        }
        return headers;
    }

    private static byte[] body(InputStream in, Map<String, List<String>> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", List.of()).contains("chunked")) {
            var body = new ByteArrayOutputStream();
            for (var size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
                body.writeBytes(exactly(in, size));
                line(in);
            }
            return body.toByteArray();
        }
        var length = headers.getOrDefault("content-length", List.of());
        if (length.size() != 1) {
            throw new AssertionError("the answer has no length, or several: " + headers);
        }
        return exactly(in, Integer.parseInt(length.getFirst()));
    }

    private static byte[] exactly(InputStream in, int bytes) throws IOException {
        var read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw new EOFException("the answer ends after " + read.length + " of " + bytes + " bytes");
        }
        return read;
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (var next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection was closed after: " + line);
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }
}
