package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.wasm.HostError;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {

    private static final byte[] BODY = {1, 2};

    @ParameterizedTest
    @CsvSource({
        "https://b.example/x, https://b.example/x", "//b.example/x, https://b.example/x", "/x/../y?z, https://a.example/x/../y?z", "c, https://a.example/p/c",
        "./c, https://a.example/p/c", "../c, https://a.example/c", "../../../c, https://a.example/c", ".., https://a.example/", "., https://a.example/p/",
        "c?d=../e, https://a.example/p/c?d=../e", "?n=1, https://a.example/p/q?n=1", "#top, https://a.example/p/q?r=s", "'', https://a.example/p/q?r=s",
        "/a b, https://a.example/a%20b", "/ü, https://a.example/%FC", "/a\\b, https://a.example/a%5Cb"})
    void findsTheNextPlace(String location, String next) throws Exception {
        var target = Redirect.of(answer(302, location), Target.parse("https://a.example/p/q?r=s")).orElseThrow();
        assertEquals(next, target.origin() + target.path());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a.example/", "http://b.example/", "ftp://b.example/", "file:///etc/passwd", "https://2130706433/", "https://127.1/",
        "https://user:password@b.example/", "https://b.example:0/", "//[::ffff:127.0.0.1]/", "https:b.example", "javascript:alert(1)", "\\\\b.example/\u0000:"})
    void goesNowhereOdd(String location) throws Exception {
        var from = Target.parse("https://a.example/");
        try {
            // what is no URL of another place may only be a path of the same one
            assertTrue(Redirect.of(answer(302, location), from).orElseThrow().hasOriginOf(from));
            assertTrue(location.startsWith("\\"), location);
        } catch (FetchException e) {
            assertEquals(HostError.DENIED, e.error());
            assertFalse(e.getMessage().contains("password@"), e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 300, 304, 305, 306, 404})
    void leavesOtherAnswersToTheGuest(int status) throws Exception {
        assertEquals(Optional.empty(), Redirect.of(answer(status, "/x"), Target.parse("https://a.example/")));
        assertEquals(Optional.empty(), Redirect.of(new ReceivedAnswer(302, new Headers(), BODY), Target.parse("https://a.example/")));
    }

    @Test
    void refusesToChooseBetweenTwoPlaces() throws Exception {
        var answer = answer(302, "/x");
        answer.headers().add("location", "/y");
        var from = Target.parse("https://a.example/");
        assertEquals(HostError.DENIED, assertThrows(FetchException.class, () -> Redirect.of(answer, from)).error());
    }

    @ParameterizedTest
    @CsvSource({"301,POST,GET", "302,POST,GET", "303,POST,GET", "307,POST,POST", "308,POST,POST", "301,PUT,PUT", "302,DELETE,DELETE", "303,PUT,GET",
        "303,DELETE,GET", "303,HEAD,HEAD", "301,HEAD,HEAD", "302,GET,GET"})
    void changesTheMethodAsTheFetchStandardHasIt(int status, String before, String after) throws Exception {
        var headers = new Headers();
        headers.add("content-type", "text/plain");
        headers.add("idempotency-key", "k");
        headers.add("accept", "*/*");
        var body = before.equals("GET") || before.equals("HEAD") ? null : BODY;
        var next = new FetchRequest(before, Target.parse("https://a.example/"), headers, body).redirected(status, Target.parse("https://a.example/x"));
        assertEquals(after, next.method());
        assertArrayEquals(after.equals("GET") ? null : body, next.body());
        var becameGet = !before.equals(after);
        assertEquals(!becameGet, next.headers().has("content-type"));
        assertEquals(!becameGet, next.headers().has("idempotency-key"));
        assertTrue(next.headers().has("accept"));
    }

    @ParameterizedTest
    @CsvSource({"https://a.example/x,true", "https://a.example:443/x,true", "https://a.example:444/x,false", "https://b.example/x,false",
        "https://x.a.example/,false"})
    void takesCredentialsToNoOtherOrigin(String next, boolean kept) throws Exception {
        var headers = new Headers();
        headers.add("authorization", "Bearer x");
        headers.add("cookie", "a=b");
        var redirected = new FetchRequest("GET", Target.parse("https://a.example/"), headers, null).redirected(307, Target.parse(next));
        assertEquals(kept, redirected.headers().has("authorization"));
        assertEquals(kept, redirected.headers().has("cookie"));
    }

    private static ReceivedAnswer answer(int status, String location) {
        var headers = new Headers();
        headers.add("location", location);
        return new ReceivedAnswer(status, headers, BODY);
    }
}
