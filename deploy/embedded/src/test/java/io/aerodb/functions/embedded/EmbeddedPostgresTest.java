package io.aerodb.functions.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedPostgresTest {

    private static final Path HOME = Path.of("home");

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "two\nlines", "ends with a line break\n"})
    void refusesAPasswordThatIsNotOneLine(String password) {
        assertThrows(IllegalArgumentException.class, () -> new EmbeddedPostgres(HOME, 15432, password));
    }

    @Test
    void namesItsDatabasesWithoutCredentials() {
        assertEquals(
                "jdbc:postgresql://127.0.0.1:15432/orders",
                new EmbeddedPostgres(HOME, 15432, "secret").jdbcUrl("orders"));
    }

    @Test
    void showsItsPasswordToNobody() {
        assertFalse(new PostgresStart(HOME, 15432, "secret", HOME).toString().contains("secret"));
    }
}
