package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.fetch.FetchAnswer.Answered;
import io.aerodb.functions.worker.fetch.FetchAnswer.Failed;
import io.aerodb.functions.worker.wasm.HostError;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerJsonTest {

    @Test
    void writesTextAsText() {
        assertEquals("{\"status\":200,\"headers\":{\"a\":\"1\",\"b\":[\"2\",\"3\"]},\"body\":\"gr\u00fc\u00dfe \ud83d\ude00\\n\\t\\\"\"}",
                write("grüße 😀\n\t\"".getBytes(StandardCharsets.UTF_8)));
        assertTrue(write(new byte[0]).endsWith("\"body\":\"\"}"));
    }

    @Test
    void writesAllElseAsBase64() {
        assertTrue(write(new byte[] {(byte) 0xFF}).endsWith("\"body_base64\":\"/w==\"}"));
        assertTrue(write(new byte[] {'a', 0}).endsWith("\"body_base64\":\"YQA=\"}"));
        assertTrue(write(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}).endsWith("\"body_base64\":\"7aCA\"}"), "half of a surrogate pair");
    }

    @Test
    void isNeverMuchLargerThanTheBody() {
        assertTrue(write(new byte[100_000]).length() < 134_000);
    }

    @Test
    void countsItsBytes() {
        assertEquals(3, new Answered("{ü".getBytes(StandardCharsets.UTF_8)).code());
        var failed = new Failed(HostError.DENIED, "not \"that\" one");
        assertEquals(-3, failed.code());
        assertEquals("{\"error\":{\"code\":\"denied\",\"message\":\"not \\\"that\\\" one\"}}", new String(failed.body(), StandardCharsets.UTF_8));
    }

    private static String write(byte[] body) {
        var headers = new Headers();
        headers.add("a", "1");
        headers.add("b", "2");
        headers.add("b", "3");
        return new String(AnswerJson.write(new ReceivedAnswer(200, headers, body)), StandardCharsets.UTF_8);
    }
}
