package io.aerodb.functions.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/** A real HTTP server on a free loopback port, spoken to byte for byte over a socket, so that nothing tidies up a request. */
public final class LocalServer implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    public final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(false).setEventLoopPoolSize(1));
    private final HttpServer server;

    /** @param headers name and value, names in lower case */
    public record Answer(int status, List<String[]> headers, byte[] body) {

        /** Its values, in order, joined by a comma; empty where there is none. */
        public String header(String name) {
            return String.join(",", headers.stream().filter(header -> header[0].equals(name)).map(header -> header[1]).toList());
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public JsonObject json() {
            return new JsonObject(text());
        }
    }

    /** @param routes adds what is to be tested to an empty router */
    public LocalServer(Consumer<Router> routes) {
        this(new HttpServerOptions(), routes);
    }

    public LocalServer(HttpServerOptions options, Consumer<Router> routes) {
        var router = Router.router(vertx);
        routes.accept(router);
        server = await(vertx.createHttpServer(options).requestHandler(router).listen(0, "127.0.0.1"));
    }

    public Answer get(String path, String... headerLines) {
        return send("GET", path, "", headerLines);
    }

    /** Asks to close the connection, so the answer is everything until then. @param headerLines such as {@code Accept: text/plain} */
    public Answer send(String method, String path, String body, String... headerLines) {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        var head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for (var line : headerLines) {
            head.append(line).append("\r\n");
        }
        if (bytes.length > 0) {
            head.append("Content-Length: ").append(bytes.length).append("\r\n");
        }
        return answerUntilClosed(head.append("\r\n").append(body).toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The answer to one request; the connection may stay open. */
    public Answer raw(byte[] request) {
        return answer(out -> out.write(request));
    }

    /** Writes as the writer does, and reads one answer by its Content-Length. */
    public Answer answer(Writer writer) {
        return connected(writer, in -> {
            var head = head(in);
            var length = head.header("content-length");
            return new Answer(head.status(), head.headers(), in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length)));
        });
    }

    /** Writes something, waits for a condition, and goes away without reading an answer. */
    public void abandoned(byte[] request, BooleanSupplier until) {
        try (var socket = new Socket("127.0.0.1", server.actualPort())) {
            socket.getOutputStream().write(request);
            Awaitility.await().until(until::getAsBoolean);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Answer answerUntilClosed(byte[] request) {
        return connected(out -> out.write(request), in -> {
            var head = head(in);
            return new Answer(head.status(), head.headers(), in.readAllBytes());
        });
    }

    private <T> T connected(Writer writer, Reader<T> reader) {
        try (var socket = new Socket("127.0.0.1", server.actualPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            try {
                writer.to(socket.getOutputStream());
            } catch (SocketException e) {
                // it has answered and closed already
            }
            return reader.from(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a request. */
    public interface Writer {
        void to(OutputStream out) throws IOException;
    }

    private interface Reader<T> {
        T from(InputStream in) throws IOException;
    }

    private static Answer head(InputStream in) throws IOException {
        var status = Integer.parseInt(line(in).split(" ")[1]);
        var headers = new ArrayList<String[]>();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            var colon = line.indexOf(':');
            headers.add(new String[] {line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip()});
        }
        return new Answer(status, headers, new byte[0]);
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (var next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the answer ends in its head: " + line);
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    /** Waits for what happens on an event loop. */
    public static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        await(vertx.close());
    }
}
