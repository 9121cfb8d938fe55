package io.aerodb.functions.worker.database.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresAddressTest {

    @Test
    void readsAUrlAsJdbcHasIt() {
        assertEquals(new PostgresAddress("db.example", 5433, "app", TlsMode.PREFER, null),
                PostgresAddress.parse("jdbc:postgresql://db.example:5433/app"));
        assertEquals(new PostgresAddress("::1", 5432, "my app", TlsMode.VERIFY_FULL, "/etc/root.pem"),
                PostgresAddress.parse("jdbc:postgresql://[::1]/my%20app?sslmode=verify-full&sslrootcert=%2Fetc%2Froot.pem"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "postgresql://h/d", "jdbc:mysql://h/d", "jdbc:postgresql://h", "jdbc:postgresql:///d", "jdbc:postgresql://h/",
        "jdbc:postgresql://u:p@h/d", "jdbc:postgresql://h/d?sslmode=maybe", "jdbc:postgresql://h/d?user=x", "jdbc:postgresql://h/d?sslmode"})
    void refusesWhatItWouldNotHeed(String url) {
        assertThrows(IllegalArgumentException.class, () -> PostgresAddress.parse(url));
    }

    @Test
    void repeatsNothingOfAUrlThatMayHoldAPassword() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> PostgresAddress.parse("jdbc:postgresql://app:s3cr^t@db.example/app"));
        assertFalse(refusal.getMessage().contains("s3cr"), refusal.getMessage());
    }
}
