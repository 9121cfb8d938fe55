package io.aerodb.functions.worker.database.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One session. It belongs to one thread at a time; only {@link #cancel} and {@link #abort} may be called by another one
 * meanwhile.
 */
public final class PostgresConnection implements AutoCloseable {

    private static final int MAX_ANSWER_BYTES = 1 << 20;
    private static final List<String> SESSION = List.of(
            "client_encoding", "UTF8",
            "DateStyle", "ISO, MDY",
            "IntervalStyle", "postgres",
            "bytea_output", "hex",
            "extra_float_digits", "1",
            // a backend whose client is gone ends, even in a function that swallows cancellation
            "client_connection_check_interval", "100ms");

    private final PostgresAddress address;
    private final Socket raw;
    private final OutputStream out;
    private final MessageReader in;
    private final MessageWriter messages = new MessageWriter();
    private final int process;
    private final int secret;

    private PostgresConnection(PostgresAddress address, PostgresSocket socket, MessageReader in, Login login) throws IOException {
        this.address = address;
        this.raw = socket.raw();
        this.out = socket.wire().getOutputStream();
        this.in = in;
        this.process = login.process();
        this.secret = login.secret();
    }

    /**
     * @param timeout of each step on the way; afterwards reads wait as long as it takes
     * @throws ServerErrorException if the server refuses the login
     */
    public static PostgresConnection open(PostgresAddress address, String user, String password, Duration timeout)
            throws IOException {
        var socket = PostgresSocket.connect(address, timeout);
        try {
            var in = new MessageReader(socket.wire().getInputStream());
            var login = new Login(in, socket.wire().getOutputStream(), password);
            var parameters = new ArrayList<>(List.of(
                    "user", user, "database", address.database(), "application_name", "aerofn-guest"));
            parameters.addAll(SESSION);
            login.run(parameters);
            socket.raw().setSoTimeout(0);
            return new PostgresConnection(address, socket, in, login);
        } catch (IOException | RuntimeException e) {
            socket.raw().close();
            throw e;
        }
    }

    /** @param timeout after which a read that got nothing fails and the connection is of no use any more; zero for none */
    public void limitReads(Duration timeout) throws IOException {
        raw.setSoTimeout(Math.clamp(timeout.toMillis(), 0, Integer.MAX_VALUE));
    }

    /** Where the next messages to send are collected. */
    public MessageWriter messages() {
        return messages;
    }

    public void send() throws IOException {
        messages.sendTo(out);
    }

    public MessageReader in() {
        return in;
    }

    /**
     * Runs statements of our own, never a guest's.
     *
     * @return the rows of all of them, values as text
     * @throws ServerErrorException if one fails; the connection can be used further
     */
    public List<List<@Nullable String>> query(String sql) throws IOException {
        messages.query(sql);
        send();
        var rows = new ArrayList<List<@Nullable String>>();
        @Nullable ServerError error = null;
        for (var type = in.next(); type != 'Z'; type = in.next()) {
            if (type == 'D') {
                rows.add(values(ByteBuffer.wrap(in.body(MAX_ANSWER_BYTES))));
            } else if (type == 'E') {
                error = in.error();
            }
        }
        if (error != null) {
            throw new ServerErrorException(error);
        }
        return rows;
    }

    private static List<@Nullable String> values(ByteBuffer row) {
        var count = row.getShort() & 0xFFFF;
        var values = new ArrayList<@Nullable String>(count);
        for (var i = 0; i < count; i++) {
            var length = row.getInt();
            if (length < 0) {
                values.add(null);
            } else {
                values.add(new String(row.array(), row.position(), length, StandardCharsets.UTF_8));
                row.position(row.position() + length);
            }
        }
        return values;
    }

    /** Asks the server to cancel what this session runs. It may arrive late, so do not use the session afterwards. */
    public void cancel(Duration timeout) throws IOException {
        var socket = PostgresSocket.connect(address, timeout);
        try (var _ = socket.raw()) {
            new MessageWriter().cancelRequest(process, secret).sendTo(socket.wire().getOutputStream());
            // the server closes when it has passed the request on
            socket.wire().getInputStream().read();
        }
    }

    /** Ends the session at once; a thread that waits for it gets an {@link IOException}. */
    public void abort() {
        try {
            raw.close();
        } catch (IOException e) {
            // nothing is left to be closed
        }
    }

    /** Takes leave of the server, and waits for nothing. */
    @Override
    public void close() {
        try {
            messages.terminate();
            send();
        } catch (IOException e) {
            // it is gone already
        } finally {
            abort();
        }
    }
}
