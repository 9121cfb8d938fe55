package io.aerodb.functions.triggerbridge.capture;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SlotOffsetsIT {

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestPostgres.shared().newDatabase();
        try (var own = new Database(new DatabaseSettings(database.jdbcUrl(), database.user(), new Secret(database.password()), 2), "test", new SimpleMeterRegistry())) {
            own.migrate();
        }
    }

    @Test
    void refusesWhatABridgeKeepsThatHasLostItsTurn() {
        var first = offsets(1);
        var second = offsets(2);
        assertDoesNotThrow(() -> first.set(Map.of(text("key"), text("from the first")), null).get());
        assertDoesNotThrow(() -> second.set(Map.of(text("key"), text("from the second")), null).get());
        assertThrows(ExecutionException.class, () -> first.set(Map.of(text("key"), text("late")), null).get());
        assertDoesNotThrow(() -> assertEquals(Map.of(text("key"), text("from the second")), first.get(List.of(text("key"))).get()));
        first.stop();
        second.stop();
    }

    private static SlotOffsets offsets(long epoch) {
        var offsets = new SlotOffsets();
        offsets.configure(new StandaloneConfig(Map.of(
                "bootstrap.servers", "localhost:1", "key.converter", "org.apache.kafka.connect.json.JsonConverter",
                "value.converter", "org.apache.kafka.connect.json.JsonConverter", "offset.storage.file.filename", "none",
                SlotOffsets.URL, database.jdbcUrl(), SlotOffsets.USER, database.user(), SlotOffsets.PASSWORD, database.password(),
                SlotOffsets.SLOT, "slot", SlotOffsets.EPOCH, String.valueOf(epoch))));
        offsets.start();
        return offsets;
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
