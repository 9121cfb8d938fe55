package io.aerodb.functions.triggerbridge.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class SourceAddressTest {

    @Test
    void tellsDebeziumEveryParameterThatAStreamCanBear() {
        var given = new Properties();
        SourceAddress.parse("jdbc:postgresql://db.example:6432/app?sslmode=verify-full&sslrootcert=/etc/ca.pem&sslcert=/etc/c.pem&sslkey=/etc/k.pk8"
                + "&sslpassword=p%20w&options=-c%20search_path%3Dapp&channelBinding=require&socketTimeout=3&user=other").in(given);
        Map.of("database.hostname", "db.example", "database.port", "6432", "database.dbname", "app",
                        "database.sslmode", "verify-full", "database.sslrootcert", "/etc/ca.pem", "database.sslcert", "/etc/c.pem", "database.sslkey", "/etc/k.pk8",
                        "database.sslpassword", "p w", "database.channelBinding", "require")
                .forEach((name, value) -> assertEquals(value, given.getProperty(name)));
        assertEquals("-c search_path=app", given.getProperty("database.options"));
        assertFalse(given.containsKey("database.socketTimeout"), "a quiet log would break off");
        assertFalse(given.containsKey("database.user"), "the login is a setting of its own");
    }

    @Test
    void prefersEncryptionWhereNothingIsSaid() {
        var given = new Properties();
        SourceAddress.parse("jdbc:postgresql://localhost/app").in(given);
        assertEquals("prefer", given.getProperty("database.sslmode"));
        assertEquals("5432", given.getProperty("database.port"));
    }

    @Test
    void refusesSeveralServers() {
        assertThrows(IllegalArgumentException.class, () -> SourceAddress.parse("jdbc:postgresql://one,two/app"));
    }
}
