package io.aerodb.functions.triggerbridge.realtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.trigger.TableName;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealtimeTablesTest {

    @Test
    void publishesNothingUnlessItIsTold() {
        assertEquals(Map.of(), read("").topics());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "orders            | public | orders      | functions.changes.public.orders",
        "shop.order_items  | shop   | order_items | functions.changes.shop.order_items",
        "shop.Order Items  | shop   | Order Items | functions.changes.shop.Order-20Items",
        "shop.über-uns     | shop   | über-uns    | functions.changes.shop.-c3-bcber-2duns",
    })
    void spellsAnyNameAsATopic(String given, String schema, String table, String topic) {
        assertEquals(Optional.of(topic), read("other, " + given).topic(new TableName(schema, table)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a.b.c        | has 'a.b.c': write each as schema.table",
        "aerodb.functions | has 'aerodb.functions': tables of this schema cannot be published",
        "a.b_c, a_b.c | has 'a.b_c' and 'a_b.c', whose topics Kafka does not tell apart",
        "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü.üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü | Kafka allows 249",
    })
    void refusesWhatKafkaWould(String given, String message) {
        var refusal = assertThrows(ConfigurationException.class, () -> read(given));
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }

    private static RealtimeTables read(String tables) {
        var settings = Settings.of("bridge", Map.of("AEROFN_BRIDGE_REALTIME_TABLES", tables));
        var read = RealtimeTables.read(settings);
        settings.check();
        return read;
    }
}
