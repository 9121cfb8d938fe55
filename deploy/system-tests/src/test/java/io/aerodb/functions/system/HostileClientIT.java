package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import com.sun.management.UnixOperatingSystemMXBean;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.system.Api.Part;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Clients that hold what they should let go, send too much or too slowly, or ask for what must not be had. */
class HostileClientIT {

    private static final Duration IDLE = Duration.ofMillis(1500);
    private static final int FEW_CONNECTIONS = 40;
    private static final int MANY_CONNECTIONS = 10_000;
    /** Of this test, its servers and what they hold; each connection has two ends here. */
    private static final int OTHER_FILES = 1500;
    private static final long HEAP_OF_A_CONNECTION = 20 * 1024;

    private static TestPlatform platform;
    private static Api api;
    private static Api impatient;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        impatient = platform.startGateway(Map.of("AEROFN_GATEWAY_IDLE_TIMEOUT", IDLE.toMillis() + "ms", "AEROFN_GATEWAY_BODY_TIMEOUT", "1s",
                "AEROFN_GATEWAY_MAX_CONNECTIONS", String.valueOf(FEW_CONNECTIONS)));
        platform.startWorker(Map.of());
        api.deployed("hostile-context", Functions.CONTEXT, "{}");
        api.deployed("hostile-slow", Functions.LOOP, "{\"timeout_ms\": 4000}");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /health/live HTTP/1.1\r\nHost: localhost\r\n", "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"})
    void closesAConnectionWithoutARequest(String sent) throws Exception {
        try (var socket = connect(impatient)) {
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
            readUntilClosed(socket);
        }
    }

    @Test
    void closesAConnectionWhoseHeadersComeByteByByte() throws Exception {
        try (var socket = connect(impatient)) {
            Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(100)).until(() -> {
                try {
                    socket.getOutputStream().write('G');
                    return false;
                } catch (SocketException e) {
                    return true;
                }
            });
        }
    }

    @Test
    void answersABodyThatComesTooSlowly() throws Exception {
        for (var path : List.of("/functions/v1/hostile-context", "/functions/v1/deploy", "/functions/v1/hostile-context/secrets/KEY")) {
            var method = path.endsWith("KEY") ? "PUT" : "POST";
            try (var socket = connect(impatient)) {
                write(socket, method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + Api.token(Role.SERVICE)
                        + "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\n");
                var answer = readUntilClosed(socket);
                assertTrue(answer.startsWith("HTTP/1.1 408 ") && answer.contains("\"request_timeout\""), answer);
            }
        }
    }

    /** A gateway receives eight deployments at once, and holds so many bytes of payloads. */
    @Test
    void keepsNothingOfABodyThatCameTooSlowly() throws Exception {
        for (var i = 0; i < 8; i++) {
            for (var path : List.of("/functions/v1/hostile-context", "/functions/v1/deploy")) {
                try (var socket = connect(impatient)) {
                    write(socket, "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + Api.token(Role.SERVICE)
                            + "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\n");
                    assertTrue(readUntilClosed(socket).startsWith("HTTP/1.1 408 "));
                }
            }
        }
        assertEquals(201, impatient.deploy("hostile-after-slow-ones", Functions.ECHO).statusCode());
        Awaitility.await().until(() -> text(impatient.send(impatient.request("/metrics"))).contains("gateway_payloads_in_flight_bytes{service=\"gateway\"} 0.0"));
    }

    @Test
    void leavesThoseAloneWhoWaitForTheirAnswer() {
        var answer = impatient.invoke("hostile-slow", "");
        assertProblem(504, "function_timeout", answer);
        assertTrue(json(answer).path("detail").asText().contains("4000"), () -> text(answer));
    }

    @Test
    void refusesConnectionsThatAreTooManyAndTakesOthersWhenTheyHaveGone() throws Exception {
        var held = new ArrayList<Socket>();
        try {
            for (var i = 0; i < 3 * FEW_CONNECTIONS; i++) { // on a busy machine the first ones may be idle for too long already
                held.add(connect(impatient));
            }
            var answers = held.stream().map(HostileClientIT::readUntilClosed).toList();
            var refused = answers.stream().filter(answer -> !answer.isBlank()).toList();
            assertTrue(refused.size() >= FEW_CONNECTIONS, () -> refused.size() + " were refused");
            assertTrue(refused.stream().allMatch(answer -> answer.startsWith("HTTP/1.1 503 ") && answer.contains("as many connections as it may")), refused::toString);
        } finally {
            for (var socket : held) {
                socket.close();
            }
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(
                () -> assertEquals(200, impatient.send(impatient.request("/health/live")).statusCode()));
    }

    @Test
    void servesOthersBesideTenThousandIdleConnections() throws Exception {
        var files = ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getMaxFileDescriptorCount();
        var many = (int) Math.min(MANY_CONNECTIONS, (files - OTHER_FILES) / 2);
        var before = usedHeap();
        var held = new ArrayList<Socket>();
        try {
            for (var i = 0; i < many; i++) {
                held.add(connect(api));
            }
            assertEquals(200, api.invoke("hostile-context", "").statusCode());
            Awaitility.await().until(() -> connections() >= many);
            var grown = usedHeap() - before;
            assertTrue(grown < many * HEAP_OF_A_CONNECTION, () -> many + " connections take " + grown + " bytes of the heap");
        } finally {
            for (var socket : held) {
                socket.close();
            }
        }
    }

    @Test
    void refusesHeaderBombs() throws Exception {
        var many = IntStream.range(0, 5000).mapToObj(i -> "X-" + i + ": " + i + "\r\n").toList();
        for (var bomb : List.of(String.join("", many), "X: " + "x".repeat(100_000) + "\r\n", "x".repeat(100_000) + ": 1\r\n")) {
            var answer = raw("GET /health/live HTTP/1.1\r\nHost: localhost\r\n" + bomb + "\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 431 ") && answer.contains("\"headers_too_large\""), () -> bomb.length() + ": " + answer);
        }
        var longPath = raw("GET /" + "x".repeat(100_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertTrue(longPath.startsWith("HTTP/1.0 414 ") && longPath.contains("\"uri_too_long\""), longPath); // its version was never read
    }

    @ParameterizedTest
    @ValueSource(strings = {"/functions/v1/invoke/hostile-context/../../deploy", "/functions/v1/invoke/hostile-context/%2e%2e/%2e%2e/deploy",
        "/functions/v1/invoke/..%2fdeploy", "/functions/v1/%2e%2e/health/live", "/functions/v1/invoke/hostile-context%00", "/functions/v1/a%00b",
        "/functions/v1/invoke/hostile-context/%00", "/functions/v1/invoke/hostile-context/a%2fb", "/functions/v1//invoke//hostile-context",
        "/functions/v1/invoke/hostile-context/%ff%fe", "/functions/v1/invoke/hostile-context/%", "/functions/v1/invoke/%C0%AE%C0%AE/x", "//", "/%",
        "/functions/v1/invocations/%00", "/functions/v1/dead-letters/..", "/functions/v1/hostile-context/secrets/%2e%2e", "/functions/v1/x\\..\\y",
        "/functions/v1/invoke/hostile-context?a=%00&b=%zz", "/functions/v1?after=%00", "/functions/v1/hostile-context/logs?after=%00&limit=%00"})
    void answersPathTricksWithoutBreaking(String path) throws Exception {
        var answer = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " + Api.token(Role.SERVICE) + "\r\n\r\n");
        assertTrue(answer.matches("(?s)HTTP/1\\.1 (200|400|404|405) .*"), answer);
        assertFalse(answer.contains("Exception") || answer.contains("\tat "), answer);
    }

    @Test
    void refusesUploadsThatAreNone() throws Exception {
        var name = Part.field("name", "hostile-upload");
        var wasm = Part.file("wasm", Functions.ECHO.getBytes(StandardCharsets.UTF_8));
        var before = temporaryFiles();
        var manyFields = new ArrayList<>(List.of(name, wasm));
        var manyFiles = new ArrayList<>(List.of(name, wasm));
        for (var i = 0; i < 2000; i++) {
            manyFields.add(Part.field("f" + i, "x"));
            manyFiles.add(Part.file("g" + i, new byte[10]));
        }
        assertProblem(400, "invalid_request", api.deploy(manyFields.toArray(Part[]::new)));
        assertProblem(400, "invalid_request", api.deploy(manyFiles.toArray(Part[]::new)));
        assertProblem(400, "invalid_request", api.deploy(name, wasm, Part.field("config", " ".repeat(300_000))));
        assertProblem(400, "invalid_request", api.deploy(Part.file("name", new byte[400_000]), wasm));
        var whole = Api.multipart(List.of(name, wasm));
        for (var length : new int[] {whole.length - 4, whole.length - 40, 60}) {
            var cutOff = api.send(api.as(Role.SERVICE, "/functions/v1/deploy").header("Content-Type", "multipart/form-data; boundary=the-boundary")
                    .POST(BodyPublishers.ofByteArray(whole, 0, length)));
            assertProblem(400, "invalid_request", cutOff);
        }
        var withEpilogue = new String(whole, StandardCharsets.UTF_8) + "\r\n";
        var quoted = api.send(api.as(Role.SERVICE, "/functions/v1/deploy").header("Content-Type", "multipart/form-data; boundary=\"the-boundary\"")
                .POST(BodyPublishers.ofString(withEpilogue)));
        assertEquals(201, quoted.statusCode(), () -> text(quoted));
        assertEquals(before, temporaryFiles());
    }

    @Test
    void logsNoTokensAndNoSecrets() throws Exception {
        var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var events = new ListAppender<ILoggingEvent>();
        events.setContext(root.getLoggerContext());
        events.start();
        root.addAppender(events);
        var answers = new StringBuilder();
        var tokens = List.of(Api.token(Role.SERVICE), Api.token(Role.ANON), "broken." + Api.token(Role.SERVICE).substring(8), "hunter2.hunter2.hunter2");
        try {
            answers.append(text(api.deploy("hostile-secret", Functions.CONTEXT, "{}")));
            for (var token : tokens) {
                for (var path : List.of("/functions/v1", "/functions/v1/hostile-secret", "/functions/v1/invocations/x", "/functions/v1/nobody/logs",
                        "/functions/v1/hostile-secret/secrets/STRIPE")) {
                    for (var method : List.of("GET", "POST", "PUT", "DELETE")) {
                        answers.append(text(api.send(api.request(path).header("Authorization", "Bearer " + token).header("apikey", token)
                                .method(method, BodyPublishers.ofString("hunter2 is the secret")))));
                    }
                }
                answers.append(raw("GET /functions/v1 HTTP/1.1\r\nAuthorization: Bearer " + token + "\r\nX: " + "x".repeat(50_000) + "\r\n\r\n"));
                answers.append(raw("GET /functions/v1/\u0000 HTTP/1.1\r\nAuthorization: Bearer " + token + "\r\n\r\n"));
            }
            answers.append(text(api.deploy("hostile-secret", Functions.ECHO, "{\"env\": {\"API_KEY\": \"hunter2-variable\"}}")));
            answers.append(text(api.deploy("hostile-secret", Functions.ECHO, "{\"env\": {\"API_KEY\": \"hunter2-variable\"}, \"timeout_ms\": 1}")));
        } finally {
            root.detachAppender(events);
        }
        var logged = new StringBuilder(answers);
        for (var event : List.copyOf(events.list)) {
            logged.append(event.getFormattedMessage()).append(event.getKeyValuePairs()).append(event.getMDCPropertyMap());
            if (event.getThrowableProxy() != null) {
                logged.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }
        for (var token : tokens) {
            assertFalse(logged.indexOf(token) >= 0, "a token stands in a log line or an answer");
        }
        for (var part : List.of("hunter2", tokens.getFirst().substring(tokens.getFirst().lastIndexOf('.') + 1), Api.JWT_SECRET)) {
            assertFalse(logged.indexOf(part) >= 0, part);
        }
    }

    /** What is left after a collection. */
    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static double connections() {
        return text(api.send(api.request("/metrics"))).lines().filter(line -> line.startsWith("gateway_connections{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    private static List<Path> temporaryFiles() throws IOException {
        var found = new ArrayList<Path>();
        for (var directory : List.of(Path.of(System.getProperty("java.io.tmpdir")), Path.of("."))) {
            try (var files = Files.list(directory)) {
                files.filter(file -> file.getFileName().toString().matches("FUp_.*|file-uploads|.*\\.upload|vertx-.*")).forEach(found::add);
            }
        }
        return found;
    }

    private static Socket connect(Api gateway) throws IOException {
        var socket = new Socket(gateway.url().getHost(), gateway.url().getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static void write(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String raw(String request) throws IOException {
        try (var socket = connect(api)) {
            try {
                write(socket, request);
            } catch (SocketException e) {
                // it has answered and closed already
            }
            return readUntilClosed(socket);
        }
    }

    /** A reset is as good an end as any. */
    private static String readUntilClosed(Socket socket) {
        var answer = new StringBuilder();
        try {
            for (var next = socket.getInputStream().read(); next >= 0; next = socket.getInputStream().read()) {
                answer.append((char) next);
            }
        } catch (SocketException e) {
            return answer.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return answer.toString();
    }
}
