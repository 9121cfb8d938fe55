package io.aerodb.functions.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Finds TCP ports on loopback that nothing listens on. */
public final class FreePort {

    /*
     * Below the range from which the usual systems take the ports of outgoing connections (32768 and up on Linux, 49152
     * and up on macOS). A port inside it can be taken while a server is down for a moment, and a client that keeps
     * reconnecting to a closed port there will sooner or later connect to itself.
     */
    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 32_000;
    private static final int ATTEMPTS = 1_000;

    private FreePort() {}

    /**
     * A port that was free a moment ago. Nothing reserves it, so bind it soon.
     *
     * @throws EmbeddedServerException if every port tried was taken
     */
    public static int find() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new EmbeddedServerException(
                "No free TCP port on 127.0.0.1 between %d and %d: stop what occupies them.".formatted(LOWEST, HIGHEST));
    }

    static int findOtherThan(int taken) {
        int port = find();
        return port == taken ? findOtherThan(taken) : port;
    }

    public static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.isBound();
        } catch (IOException _) {
            return false;
        }
    }
}
