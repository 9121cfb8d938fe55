package io.aerodb.functions.worker.database;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.worker.database.wire.PostgresAddress;
import io.aerodb.functions.worker.database.wire.PostgresConnection;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GuestPoolIT {

    private static final Duration PLENTY = Duration.ofSeconds(30);
    private static final String ROLE = Role.AUTHENTICATED.claim();

    @Test
    void goesOnTryingToReachTheDatabaseWhileAQueryIsStillAtWork() throws Exception {
        var database = GuestTestDatabase.shared(2);
        var isAway = new AtomicBoolean();
        var triedInVain = new AtomicInteger();
        var metrics = new SimpleMeterRegistry();
        var password = GuestTestDatabase.PASSWORDS.get(Role.AUTHENTICATED).value();
        try (var pool = new GuestPool(ROLE, timeout -> {
            if (isAway.get()) {
                triedInVain.incrementAndGet();
                throw new IOException("away");
            }
            return PostgresConnection.open(database.settings().address(), ROLE, password, timeout);
        }, 2, metrics)) {
            var atWork = pool.take(end());
            await().atMost(PLENTY).until(() -> metrics.get("worker.database.connections.idle").gauge().value() == 1);
            isAway.set(true);
            pool.suspect();
            await().atMost(PLENTY).until(() -> triedInVain.get() > 2);
            isAway.set(false);
            pool.lost(atWork);
            await().atMost(PLENTY).ignoreException(PoolException.class).until(() -> {
                pool.lost(pool.take(end()));
                return true;
            });
        }
    }

    /** As one does whose machine has lost the network after the login, or that waits for a lock. */
    @Test
    void givesUpADatabaseThatLetsItInAndThenSaysNothing() throws Exception {
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> letInAndSayNothing(server));
            var address = PostgresAddress.parse("jdbc:postgresql://127.0.0.1:" + server.getLocalPort() + "/app?sslmode=disable");
            try (var pool = new GuestPool(ROLE, timeout -> PostgresConnection.open(address, ROLE, "", timeout), 1, new SimpleMeterRegistry())) {
                var refusal = assertThrows(PoolException.class, () -> pool.take(end()));
                assertEquals("the database is away: it accepts no connection", refusal.getMessage());
            }
        }
    }

    private static void letInAndSayNothing(ServerSocket server) {
        try {
            while (true) {
                var socket = server.accept();
                var in = new DataInputStream(socket.getInputStream());
                in.readFully(new byte[in.readInt() - 4]);
                var out = new DataOutputStream(socket.getOutputStream());
                out.write(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0, 'Z', 0, 0, 0, 5, 'I'});
                out.flush();
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    private static long end() {
        return System.nanoTime() + PLENTY.toNanos();
    }
}
