package io.aerodb.functions.worker.database.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gets a connection from its first message to the first time that the server is ready. */
final class Login {

    private static final int MAX_BYTES = 8 << 10;

    private final MessageReader in;
    private final OutputStream out;
    private final MessageWriter messages = new MessageWriter();
    private final String password;
    private @Nullable ScramSha256 scram;
    private boolean proven;
    private int process;
    private int secret;

    Login(MessageReader in, OutputStream out, String password) {
        this.in = in;
        this.out = out;
        this.password = password;
    }

    int process() {
        return process;
    }

    int secret() {
        return secret;
    }

    /** @throws ServerErrorException if the server refuses */
    void run(List<String> startupParameters) throws IOException {
        messages.startup(startupParameters).sendTo(out);
        while (true) {
            switch (in.next()) {
                case 'R' -> authenticate(in.body(MAX_BYTES));
                case 'K' -> {
                    var body = ByteBuffer.wrap(in.body(MAX_BYTES));
                    process = body.getInt();
                    secret = body.getInt();
                }
                case 'E' -> throw new ServerErrorException(in.error());
                case 'Z' -> {
                    return;
                }
                default -> throw new IOException("the server does not speak as PostgreSQL does");
            }
        }
    }

    private void authenticate(byte[] body) throws IOException {
        var method = ByteBuffer.wrap(body).getInt();
        var text = new String(body, 4, body.length - 4, StandardCharsets.UTF_8);
        switch (method) {
            case 0 -> {
                if (scram != null && !proven) {
                    throw new IOException("the server did not prove that it knows the password");
                }
            }
            case 10 -> {
                if (!List.of(text.split("\0")).contains(ScramSha256.MECHANISM)) {
                    throw new IOException("the server offers no " + ScramSha256.MECHANISM);
                }
                scram = new ScramSha256(password);
                messages.saslInitialResponse(ScramSha256.MECHANISM, scram.clientFirst()).sendTo(out);
            }
            case 11 -> messages.saslResponse(started().clientFinal(text)).sendTo(out);
            case 12 -> {
                started().checkServerFinal(text);
                proven = true;
            }
            default -> throw new IOException("the server asks for a password in a way that would give it away: "
                    + "only scram-sha-256 is supported (password_encryption, pg_hba.conf)");
        }
    }

    private ScramSha256 started() throws IOException {
        if (scram == null) {
            throw new IOException("the server's part of the login comes too early");
        }
        return scram;
    }
}
