package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.configuration.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What functions may fetch, and how much of it.
 *
 * @param maxRequestBytes size of the body of a request
 * @param maxResponseBytes size of the body of an answer, as it comes and after it was decompressed
 * @param connectTimeout for reaching one address, and once more for the TLS handshake with it
 * @param connections opened to one host at most, and kept open to all hosts together
 * @param privateNetworks that functions may reach although they are not public
 * @param authorities certificates that are trusted besides those of the Java runtime
 */
public record FetchSettings(
        int maxRequestBytes,
        int maxResponseBytes,
        Duration connectTimeout,
        int connections,
        List<Network> privateNetworks,
        List<X509Certificate> authorities) {

    private static final int MIB = 1 << 20;
    /** The whole of 10/8, of fd00::/8 and of fc00::/7 may be opened; more than that is the internet or a slip of the pen. */
    private static final int MAX_SIZE_BITS_IPV4 = 24;
    private static final int MAX_SIZE_BITS_IPV6 = 121;
    private static final String NETWORKS = "worker.fetch-private-networks";
    private static final String AUTHORITIES = "worker.fetch-ca-file";

    public FetchSettings {
        privateNetworks = List.copyOf(privateNetworks);
        authorities = List.copyOf(authorities);
    }

    public static FetchSettings read(Settings settings) {
        var maxRequestBytes = settings.bytes("worker.fetch-max-request-bytes", 6 * MIB, 1024, 64 * MIB,
                "Size of the body that a function sends with a request");
        var maxResponseBytes = settings.bytes("worker.fetch-max-response-bytes", 6 * MIB, 1024, 64 * MIB,
                "Size of the body that a function gets with an answer, decompressed");
        var connectTimeout = settings.duration("worker.fetch-connect-timeout", Duration.ofSeconds(5), Duration.ofMillis(100),
                Duration.ofMinutes(1), "How long connecting to a host may take, and then the TLS handshake with it");
        var connections = settings.integer("worker.fetch-connections", 256, 1, 10_000,
                "Connections opened to one host, at most, and kept open to all hosts together");
        var networks = settings.text(NETWORKS, "", "Networks that functions may reach although they are not public, as 10.1.0.0/16 or "
                + "fd00:1::/64, several separated by commas; a function's allowed_hosts still decides. Empty: none");
        var authorities = settings.text(AUTHORITIES, "",
                "PEM file of certificate authorities that are trusted besides those of the Java runtime. Empty: none");
        return new FetchSettings((int) maxRequestBytes, (int) maxResponseBytes, connectTimeout, connections,
                networks(networks, settings), authorities(authorities, settings));
    }

    private static List<Network> networks(String text, Settings settings) {
        var networks = new ArrayList<Network>();
        for (var cidr : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            try {
                var network = Network.parse(cidr.strip());
                if (network.sizeBits() > (cidr.contains(":") ? MAX_SIZE_BITS_IPV6 : MAX_SIZE_BITS_IPV4)) {
                    settings.problem(NETWORKS, "'" + cidr + "' is too large: at most /8 of IPv4 or /7 of IPv6 can be opened");
                }
                networks.add(network);
            } catch (IllegalArgumentException e) {
                settings.problem(NETWORKS, e.getMessage());
            }
        }
        return networks;
    }

    private static List<X509Certificate> authorities(String file, Settings settings) {
        if (file.isEmpty()) {
            return List.of();
        }
        try (var pem = Files.newInputStream(Path.of(file))) {
            var certificates = CertificateFactory.getInstance("X.509").generateCertificates(pem).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (certificates.isEmpty()) {
                settings.problem(AUTHORITIES, file + " has no certificate in it");
            }
            return certificates;
        } catch (IOException | CertificateException e) {
            settings.problem(AUTHORITIES, "cannot read certificates from " + file + " (" + e.getMessage() + ")");
            return List.of();
        }
    }
}
