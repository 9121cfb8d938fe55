package io.aerodb.functions.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.telemetry.TraceContext;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WriteCauseTest {

    private final WriteCause cause = new WriteCause(new InvocationId(new UUID(1, 2)), 3, null);

    @Test
    void travelsInClaimsAndLeavesThemAsTheyWere() {
        var identity = new Identity(Role.AUTHENTICATED, "alice", "{\"sub\":\"alice\",\"n\":1.10}");
        var claims = WriteCause.object(cause.in(identity).claims()).orElseThrow();
        assertEquals(Optional.of(cause), WriteCause.takeFrom(claims));
        assertEquals(identity.claims(), claims.toString());
        assertEquals(Optional.empty(), WriteCause.takeFrom(claims));
    }

    @Test
    void carriesTheTraceOfTheQuery() {
        var trace = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1");
        var traced = new WriteCause(cause.invocation(), 3, trace);
        assertEquals(Optional.of(traced), WriteCause.takeFrom(WriteCause.object(traced.in(Identity.ANONYMOUS).claims()).orElseThrow()));
    }

    @Test
    void takesThePlaceOfOneThatATokenBrings() {
        var forged = new Identity(Role.ANON, null, "{\"aerodb_cause\":{\"invocation\":\"00000000-0000-0000-0000-000000000009\",\"depth\":0}}");
        assertEquals(Optional.of(cause), WriteCause.takeFrom(WriteCause.object(cause.in(forged).claims()).orElseThrow()));
    }

    @Test
    void isNothingWhereItMakesNoSense() {
        assertEquals(Optional.empty(), WriteCause.takeFrom(WriteCause.object("{\"aerodb_cause\":\"me\"}").orElseThrow()));
        assertEquals(Optional.empty(), WriteCause.object("[]"));
        assertEquals(Optional.empty(), WriteCause.object("no JSON"));
    }
}
