package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.invocation.TriggerType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** Requests and replies to test with. */
final class Requests {

    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private Requests() {}

    static InvocationRequest request(Duration untilDeadline) {
        return new InvocationRequest(InvocationId.at(NOW), TriggerType.HTTP,
                new VersionRef(new UUID(1, 2), new FunctionName("hello"), 7, ModuleHash.of(new byte[] {1})), 1, NOW, NOW.plus(untilDeadline),
                Identity.ANONYMOUS, new ReplyAddress("functions.replies", 3), null, null, "payload".getBytes(StandardCharsets.UTF_8));
    }

    static Reply reply(InvocationId id, Outcome outcome) {
        return new Reply(id, 7, Duration.ofNanos(1_234_567), Duration.ofMillis(25), outcome);
    }
}
