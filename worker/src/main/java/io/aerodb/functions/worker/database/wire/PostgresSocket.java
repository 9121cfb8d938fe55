package io.aerodb.functions.worker.database.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A way to the server, encrypted as the address asks.
 *
 * @param wire what bytes are written to and read from
 * @param raw what to close from another thread: closing {@code wire} could wait for whoever writes
 */
record PostgresSocket(Socket wire, Socket raw) {

    static PostgresSocket connect(PostgresAddress address, Duration timeout) throws IOException {
        var raw = new Socket();
        try {
            var millis = Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
            raw.setTcpNoDelay(true);
            raw.setKeepAlive(true);
            raw.connect(new InetSocketAddress(address.host(), address.port()), millis);
            raw.setSoTimeout(millis);
            return new PostgresSocket(address.tls() == TlsMode.DISABLE ? raw : secured(address, raw), raw);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    private static Socket secured(PostgresAddress address, Socket raw) throws IOException {
        new MessageWriter().tlsRequest().sendTo(raw.getOutputStream());
        var answer = raw.getInputStream().read();
        if (answer == 'N' && address.tls() == TlsMode.PREFER) {
            return raw;
        }
        if (answer != 'S') {
            throw new IOException("the server offers no TLS");
        }
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust(address), null);
            var socket = (SSLSocket) context.getSocketFactory().createSocket(raw, address.host(), address.port(), true);
            if (address.tls() == TlsMode.VERIFY_FULL) {
                var parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
            }
            socket.startHandshake();
            return socket;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot set up TLS", e);
        }
    }

    private static TrustManager @Nullable [] trust(PostgresAddress address) throws GeneralSecurityException, IOException {
        if (address.tls() != TlsMode.VERIFY_FULL) {
            return new TrustManager[] {new TrustsAnyone()};
        }
        if (address.rootCertificate() == null) {
            return null;
        }
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var file = Files.newInputStream(Path.of(address.rootCertificate()))) {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                store.setCertificateEntry("root-" + store.size(), certificate);
            }
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** What {@code sslmode=require} means everywhere: the way is encrypted, its end is not checked. */
    private static final class TrustsAnyone implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
