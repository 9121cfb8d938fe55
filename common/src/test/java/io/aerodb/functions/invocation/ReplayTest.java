package io.aerodb.functions.invocation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.telemetry.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReplayTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123456789Z");

    @Test
    void runsTheSameCallAsANewInvocation() {
        var function = new VersionRef(new UUID(1, 2), new FunctionName("hello"), 3, ModuleHash.of(new byte[] {1}));
        var another = new VersionRef(new UUID(1, 2), new FunctionName("hello"), 4, ModuleHash.of(new byte[] {2}));
        var caller = new Identity(Role.AUTHENTICATED, "user-1", "{\"sub\":\"user-1\"}");
        var http = new HttpCall("POST", "/", "", List.of());
        var trace = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null);
        var original = new InvocationRequest(InvocationId.at(Instant.EPOCH), TriggerType.WEBHOOK, function, 4, Instant.EPOCH, Instant.EPOCH, caller,
                new ReplyAddress("replies", 1), trace, http, new byte[] {7});
        var id = InvocationId.at(NOW);
        var replay = Replay.of(original, another, id, NOW, Duration.ofHours(1));

        assertEquals(id, replay.id());
        assertEquals(another, replay.function());
        assertEquals(Lineage.replayOf(original.id()), replay.lineage());
        assertEquals(1, replay.attempt());
        assertEquals(Instant.parse("2026-01-01T00:00:00.123456Z"), replay.acceptedAt());
        assertEquals(Instant.parse("2026-01-01T01:00:00.123Z"), replay.deadline());
        assertTrue(replay.claimed());
        assertNull(replay.replyTo());
        assertEquals(trace, replay.trace());
        assertEquals(List.of(TriggerType.WEBHOOK, caller, http), Arrays.asList(replay.trigger(), replay.identity(), replay.http()));
        assertArrayEquals(original.payload(), replay.payload());
    }
}
