package io.aerodb.functions.triggerbridge.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.trigger.RowOperation;
import io.aerodb.functions.trigger.TableName;
import io.aerodb.functions.triggerbridge.capture.Change;
import io.aerodb.functions.triggerbridge.capture.RowImage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangePayloadTest {

    private static final String TOLD = "{\"table\":\"t\",\"schema\":\"s\",\"op\":\"INSERT\",\"row\":{\"word\":\"%s\"},\"old_row\":null,\"txid\":7,\"lsn\":\"0/10\",\"commit_time\":\"1970-01-01T00:00:00Z\"}";

    @Test
    void endsWhereAChangeIsTooLarge() {
        assertEquals(TOLD.formatted("x"), text(ChangePayload.json(row("x"), 1000).orElseThrow()));
        assertTrue(ChangePayload.json(row("x".repeat(1000)), 1000).isEmpty());
        assertTrue(ChangePayload.json(row("x".repeat(100_000)), 1000).isEmpty());
    }

    @Test
    void listsChanges() {
        assertEquals("{\"changes\":[]}", text(ChangePayload.list(List.of())));
        assertEquals("{\"changes\":[1,2]}", text(ChangePayload.list(List.of(new byte[] {'1'}, new byte[] {'2'}))));
    }

    private static Change.Row row(String word) {
        return new Change.Row(new TableName("s", "t"), RowOperation.INSERT, null, null, new RowImage(Map.of("word", word), Set.of()), 7, 16, 1, Instant.EPOCH);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
