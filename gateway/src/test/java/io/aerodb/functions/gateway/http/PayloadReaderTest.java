package io.aerodb.functions.gateway.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PayloadReaderTest {

    private final AtomicInteger refused = new AtomicInteger();
    private final PayloadMemory memory = new PayloadMemory(100, refused::incrementAndGet);
    private final List<PayloadMemory.Share> held = new CopyOnWriteArrayList<>();
    private final List<Integer> left = new CopyOnWriteArrayList<>();
    private final LocalServer server = new LocalServer(router -> {
        HttpApi.mountErrors(router, 80);
        router.route().handler(new PayloadReader(80, memory)::read).handler(this::hold);
    });

    private void hold(RoutingContext context) {
        held.add(PayloadReader.memory(context));
        context.response().end(new String(PayloadReader.take(context), StandardCharsets.US_ASCII));
        left.add(PayloadReader.take(context).length);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void countsAPayloadUntilItIsReleased() {
        assertEquals("x".repeat(60), server.send("POST", "/", "x".repeat(60)).text());
        assertEquals(60, memory.used());
        held.getFirst().release();
        held.getFirst().release();
        assertEquals(0, memory.used());
    }

    @Test
    void keepsNoSecondCopy() {
        server.send("POST", "/", "x".repeat(60));
        await().until(() -> left.equals(List.of(0)));
        assertEquals(60, memory.used(), "whoever has it now still has it");
    }

    @Test
    void refusesAPayloadForWhichThereIsNoRoomBeforeItIsRead() {
        server.send("POST", "/", "x".repeat(60));
        var announced = "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 41\r\n\r\n";
        assertRefused(server.raw(announced.getBytes(StandardCharsets.US_ASCII)));
        assertEquals(60, memory.used());
        assertEquals(200, server.send("POST", "/", "x".repeat(40)).status());
    }

    @Test
    void refusesAPayloadOfUnknownLengthWhenTheRoomIsUsedUp() {
        server.send("POST", "/", "x".repeat(60));
        assertRefused(server.raw(chunked(41)));
        await().until(() -> memory.used() == 60);
        assertEquals(200, server.raw(chunked(40)).status());
        assertEquals(100, memory.used());
        assertEquals(200, server.get("/").status(), "an empty payload needs no room");
    }

    @Test
    void givesBackWhatATooLargePayloadTook() {
        assertEquals(413, server.raw(chunked(81)).status());
        await().until(() -> memory.used() == 0);
    }

    @Test
    void countsWhatHasComeAndNotWhatWasAnnounced() {
        var begun = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 80\r\n\r\n" + "x".repeat(30);
        server.abandoned(begun.getBytes(StandardCharsets.US_ASCII), () -> memory.used() == 30);
        await().until(() -> memory.used() == 0);
        assertEquals(List.of(), held);
        assertEquals(0, refused.get());
    }

    /** In two pieces. */
    private static byte[] chunked(int bytes) {
        var rest = bytes - 20;
        return ("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + "x".repeat(20) + "\r\n"
                + Integer.toHexString(rest) + "\r\n" + "x".repeat(rest) + "\r\n0\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private void assertRefused(LocalServer.Answer answer) {
        assertEquals(429, answer.status());
        assertEquals("too_many_requests", answer.json().getString("code"));
        assertTrue(answer.json().getString("detail").contains("memory"), answer.text());
        assertEquals("1", answer.header("retry-after"));
        assertEquals(1, refused.get());
    }
}
