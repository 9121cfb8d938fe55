package io.aerodb.functions.worker.database;

import static io.aerodb.functions.worker.database.GuestTestDatabase.ALICE;
import static io.aerodb.functions.worker.database.GuestTestDatabase.BOB;
import static io.aerodb.functions.worker.database.GuestTestDatabase.PLENTY;
import static io.aerodb.functions.worker.database.GuestTestDatabase.json;
import static io.aerodb.functions.worker.database.GuestTestDatabase.text;
import static io.aerodb.functions.worker.database.GuestTestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BleedIT {

    private static final String WHO = "SELECT pg_backend_pid() AS pid, auth.uid() AS uid, count(*) AS n, min(owner::text) AS a, max(owner::text) AS z FROM notes";

    @Test
    void keepsAThousandAlternatingCallersApartOnOneConnection() {
        var database = GuestTestDatabase.shared(1);
        try (var guests = database.open()) {
            var first = text(guests.query(user(ALICE), WHO, json(""), PLENTY));
            var pid = first.substring(first.indexOf("{\"pid\":"), first.indexOf(",\"uid\":\""));
            for (var i = 0; i < 1000; i++) {
                var caller = switch (i % 3) {
                    case 0 -> ALICE;
                    case 1 -> BOB;
                    default -> new UUID(7, i).toString();
                };
                if (i % 10 == 9) {
                    // a failure leaves the session by another way
                    guests.query(user(caller), "SELECT 1 / 0", json(""), PLENTY);
                }
                var answer = text(guests.query(user(caller), WHO, json(""), PLENTY));
                var rows = i % 3 == 2 ? "\"n\":0,\"a\":null,\"z\":null" : "\"n\":50,\"a\":\"" + caller + "\",\"z\":\"" + caller + "\"";
                assertTrue(answer.contains(pid + ",\"uid\":\"" + caller + "\"," + rows), () -> caller + ": " + answer);
            }
        }
    }

    @Test
    void keepsCallersOfManyThreadsApart() throws Exception {
        var database = GuestTestDatabase.shared(4);
        try (var guests = database.open(); var threads = Executors.newFixedThreadPool(16)) {
            var calls = IntStream.range(0, 800).<Future<String>>mapToObj(i -> threads.submit(() -> {
                var caller = i % 2 == 0 ? ALICE : BOB;
                return caller + text(guests.query(user(caller), "SELECT DISTINCT owner AS o FROM notes WHERE $1::int = " + i, json("[" + i + "]"), PLENTY));
            })).toList();
            for (var call : calls) {
                var caller = call.get().substring(0, ALICE.length());
                assertEquals(caller + "{\"columns\":[\"o\"],\"rows\":[{\"o\":\"" + caller + "\"}],\"rowCount\":1}", call.get());
            }
        }
    }
}
