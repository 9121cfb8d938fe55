package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.HttpCall;
import io.aerodb.functions.invocation.HttpCall.Header;
import io.aerodb.functions.invocation.InvocationRequest;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuestContextTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @Test
    void tellsTheFunctionWhatItMayKnow() throws IOException {
        var request = Requests.request(new Identity(Role.AUTHENTICATED, "user-1", "{\"sub\":\"user-1\",\"teams\":[\"a\"]}"),
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                new HttpCall("PUT", "/a/b", "x=%20", List.of(new Header("accept", "text/plain"), new Header("accept", "text/html"))));
        assertEquals(MAPPER.readTree("""
                {"invocation_id": "%s", "function": "hello", "version": 7, "trigger": "http", "attempt": 2,
                 "accepted_at": "2025-12-31T23:59:59.960Z", "deadline": "2026-01-01T00:00:10Z", "role": "authenticated",
                 "claims": {"sub": "user-1", "teams": ["a"]}, "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                 "http": {"method": "PUT", "path": "/a/b", "query": "x=%%20", "headers": [["accept", "text/plain"], ["accept", "text/html"]]}}"""
                .formatted(request.id())), json(request));
    }

    @Test
    void leavesOutWhatThereIsNot() throws IOException {
        var json = json(Requests.request(Identity.ANONYMOUS, null, null));
        assertEquals(false, json.has("http"));
        assertEquals(false, json.has("traceparent"));
        assertEquals("anon", json.path("role").asText());
        assertEquals(MAPPER.readTree("{\"role\":\"anon\"}"), json.path("claims"));
    }

    @Test
    void staysJsonWhateverTheCallerSends() throws IOException {
        var odd = "\"},\\ \u0000\n\u2028 zoë 😀";
        var json = json(Requests.request(Identity.ANONYMOUS, null, new HttpCall(odd, odd, odd, List.of(new Header(odd, odd)))));
        assertEquals(odd, json.at("/http/method").asText());
        assertEquals(odd, json.at("/http/path").asText());
        assertEquals(odd, json.at("/http/query").asText());
        assertEquals(odd, json.at("/http/headers/0/0").asText());
        assertEquals(odd, json.at("/http/headers/0/1").asText());
    }

    private static JsonNode json(InvocationRequest request) throws IOException {
        return MAPPER.readTree(GuestContext.json(request));
    }
}
