package io.aerodb.functions.gateway.function;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.HttpApi;
import io.aerodb.functions.gateway.http.LocalServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadTest {

    private static final int MAX_MODULE_BYTES = 20_000;
    private static final int ROOM_FOR_OTHER_PARTS = 256 * 1024;
    private static final String TYPE = "Content-Type: multipart/form-data; boundary=BOUNDARY";
    private static final String NAME = field("name", "hello");
    private static final String WASM = file("wasm", "bytes");
    private static final String END = "--BOUNDARY--\r\n";

    private static LocalServer server;

    @BeforeAll
    static void start() {
        server = new LocalServer(new HttpServerOptions().setMaxFormAttributeSize(256 * 1024).setMaxFormFields(16), router -> {
            HttpApi.mountErrors(router, 1000);
            router.post("/deploy").handler(context -> Upload.receive(context, MAX_MODULE_BYTES)
                    .onSuccess(parts -> Answers.json(context, 200, new JsonObject()
                            .put("name", parts.name())
                            .put("wasm", parts.wasm())
                            .put("config", parts.config().orElse(null))))
                    .onFailure(context::fail));
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void takesTheParts() {
        var answer = post(NAME + WASM + field("config", "{\"enabled\":false}") + END);
        assertEquals(200, answer.status(), answer.text());
        assertEquals("hello", answer.json().getString("name"));
        assertEquals("{\"enabled\":false}", answer.json().getString("config"));
        assertArrayEquals("bytes".getBytes(StandardCharsets.UTF_8), answer.json().getBinary("wasm"));
    }

    @Test
    void takesThePartsInAnyOrderAndWithoutAConfig() {
        var answer = post(WASM + NAME + END);
        assertEquals(200, answer.status(), answer.text());
        assertTrue(answer.json().containsKey("config"));
        assertEquals(null, answer.json().getString("config"));
    }

    @Test
    void takesTheOtherPartsAsFilesToo() {
        var answer = post(file("name", "hello") + WASM + file("config", "{\"a\":\"ü\"}") + END);
        assertEquals("hello", answer.json().getString("name"));
        assertEquals("{\"a\":\"ü\"}", answer.json().getString("config"));
    }

    @Test
    void takesAModuleByteForByte() {
        var module = new byte[MAX_MODULE_BYTES];
        for (var i = 0; i < module.length; i++) {
            module[i] = (byte) (i * 31 + (i >> 8));
        }
        System.arraycopy("\r\n--BOUNDAR\r\n--\r\n".getBytes(StandardCharsets.US_ASCII), 0, module, 100, 17);
        var body = new ByteArrayOutputStream();
        body.writeBytes((NAME + fileHead("wasm")).getBytes(StandardCharsets.UTF_8));
        body.writeBytes(module);
        body.writeBytes(("\r\n" + END).getBytes(StandardCharsets.UTF_8));
        var head = "POST /deploy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + TYPE + "\r\nContent-Length: " + body.size() + "\r\n\r\n";
        var answer = server.answer(out -> {
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            body.writeTo(out);
        });
        assertEquals(200, answer.status(), answer.text());
        assertArrayEquals(module, answer.json().getBinary("wasm"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Nothing: 1", "Content-Type: application/json", "Content-Type: application/wasm", "Content-Type: multipart/mixed; boundary=BOUNDARY",
        "Content-Type: application/x-www-form-urlencoded"})
    void refusesWhatIsNoMultipartForm(String type) {
        assertRefused(server.send("POST", "/deploy", NAME + WASM + END, type), "multipart/form-data");
    }

    @Test
    void namesThePartThatIsMissing() {
        assertRefused(post(NAME + END), "the part 'wasm' is missing");
        assertRefused(post(WASM + END), "the part 'name' is missing");
        assertRefused(post(END), "is missing");
    }

    @Test
    void asksForTheModuleAsAFile() {
        assertRefused(post(NAME + field("wasm", "(module)") + END), "send the part 'wasm' as a file");
    }

    @Test
    void refusesAPartThatStandsTwice() {
        assertRefused(post(NAME + WASM + WASM + END), "the part 'wasm' stands twice");
        assertRefused(post(NAME + NAME + WASM + END), "the part 'name' stands twice");
        assertRefused(post(NAME + file("name", "other") + WASM + END), "the part 'name' stands twice");
        assertRefused(post(field("wasm", "x") + NAME + WASM + END), "the part 'wasm' stands twice");
        assertRefused(post(NAME + WASM + field("config", "{}") + file("config", "{}") + END), "the part 'config' stands twice");
    }

    @Test
    void refusesAPartItDoesNotKnow() {
        assertRefused(post(NAME + WASM + field("confg", "{}") + END), "there is no part 'confg'");
        assertRefused(post(NAME + WASM + file("extra", "x") + END), "there is no part 'extra'");
    }

    @Test
    void refusesAnUploadThatSaysItIsTooLargeBeforeItIsSent() {
        var answer = server.raw(("POST /deploy HTTP/1.1\r\nHost: localhost\r\n" + TYPE + "\r\nContent-Length: "
                + (MAX_MODULE_BYTES + ROOM_FOR_OTHER_PARTS + 1) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        assertTooLarge(answer);
        assertEquals("close", answer.header("connection"));
    }

    @Test
    void refusesAModuleThatTurnsOutTooLargeWithoutWaitingForItsEnd() {
        var start = chunk(NAME + fileHead("wasm"));
        var answer = server.answer(out -> {
            out.write(("POST /deploy HTTP/1.1\r\nHost: localhost\r\n" + TYPE + "\r\nTransfer-Encoding: chunked\r\n\r\n" + start)
                    .getBytes(StandardCharsets.US_ASCII));
            for (var sent = 0; sent <= MAX_MODULE_BYTES + 8192; sent += 4096) {
                out.write(chunk("x".repeat(4096)).getBytes(StandardCharsets.US_ASCII));
            }
            // and then nothing: the request has no end
        });
        assertTooLarge(answer);
    }

    @Test
    void refusesAModuleOfOneByteTooMuch() {
        assertEquals(200, post(NAME + file("wasm", "x".repeat(MAX_MODULE_BYTES)) + END).status());
        assertTooLarge(post(NAME + file("wasm", "x".repeat(MAX_MODULE_BYTES + 1)) + END));
    }

    @Test
    void refusesAConfigurationFileThatIsTooLarge() {
        assertRefused(post(NAME + file("config", "x".repeat(ROOM_FOR_OTHER_PARTS + 1)) + END), "the part 'config' is too large");
    }

    @Test
    void refusesAFieldThatIsTooLarge() {
        assertEquals(400, post(field("name", "x".repeat(ROOM_FOR_OTHER_PARTS + 1)) + END).status());
    }

    @Test
    void refusesAnEndlessNumberOfParts() {
        assertEquals(400, post(field("name", "x").repeat(2000) + WASM + END).status());
        assertEquals(400, post(NAME + file("wasm", "").repeat(2000) + END).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\r\n", "garbage", "--OTHER\r\n\r\nx\r\n--OTHER--\r\n", "--BOUNDARY", "--BOUNDARY\r\n",
        "--BOUNDARY\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nhel"})
    void refusesABodyThatIsBroken(String body) {
        assertEquals(400, post(body).status());
    }

    private static LocalServer.Answer post(String body) {
        return server.send("POST", "/deploy", body, TYPE);
    }

    private static String field(String name, String value) {
        return "--BOUNDARY\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    private static String file(String name, String content) {
        return fileHead(name) + content + "\r\n";
    }

    private static String fileHead(String name) {
        return "--BOUNDARY\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"x\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    }

    private static String chunk(String data) {
        return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    private static void assertRefused(LocalServer.Answer answer, String detail) {
        assertEquals(400, answer.status(), answer.text());
        assertEquals("invalid_request", answer.json().getString("code"));
        assertTrue(answer.json().getString("detail").contains(detail), answer.text());
    }

    private static void assertTooLarge(LocalServer.Answer answer) {
        assertEquals(413, answer.status(), answer.text());
        assertEquals("wasm_too_large", answer.json().getString("code"));
        assertTrue(answer.json().getString("detail").contains(String.valueOf(MAX_MODULE_BYTES)), answer.text());
    }
}
