package io.aerodb.functions.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class JsonLinesTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ch.qos.logback.classic.Logger logger = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("json.lines");
    private final Logger log = logger;
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();

    @BeforeEach
    void listen() {
        events.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(events);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(events);
    }

    @Test
    void writesOneFlatObjectALine() throws IOException {
        var before = Instant.now();
        log.atInfo().addKeyValue("topic", "functions.invoke").addKeyValue("firstInvocationId", "id").addKeyValue("offset", 7L)
                .addKeyValue("ratio", 0.5).addKeyValue("cold", true).addKeyValue("absent", (Object) null).log("said \"{}\"\n", "this");
        var line = line();
        assertEquals("INFO", line.path("level").asText());
        assertEquals("functions", line.path("service").asText());
        assertEquals("json.lines", line.path("logger").asText());
        assertEquals("said \"this\"\n", line.path("message").asText());
        assertEquals("functions.invoke", line.path("topic").asText());
        assertEquals("id", line.path("first_invocation_id").asText());
        assertTrue(line.path("offset").isIntegralNumber() && line.path("ratio").isDouble() && line.path("cold").isBoolean(), line::toString);
        assertTrue(!Instant.parse(line.path("timestamp").asText()).isBefore(before.minusMillis(1)), line::toString);
        assertTrue(!line.has("absent") && !line.has("invocation_id") && !line.has("stack_trace"), line::toString);
    }

    @Test
    void tellsWhichInvocationAThreadIsAbout() throws IOException {
        var trace = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", null);
        try (var _ = LogContext.of("0199a3c0-0000-7000-8000-000000000000", trace)) {
            log.info("inside");
        }
        var line = line();
        assertEquals("0199a3c0-0000-7000-8000-000000000000", line.path("invocation_id").asText());
        assertEquals("0af7651916cd43dd8448eb211c80319c", line.path("trace_id").asText());
        log.info("outside");
        assertTrue(!line().has("invocation_id") && !line().has("trace_id"));
    }

    @Test
    void namesAnInvocationOnce() throws IOException {
        try (var _ = LogContext.of("of the thread", null)) {
            log.atInfo().addKeyValue("invocationId", "of the line").log("both");
        }
        assertEquals("of the line", line().path("invocation_id").asText());
    }

    @Test
    void putsAStackTraceInOneMember() throws IOException {
        log.atError().setCause(new IllegalStateException("outer", new IOException("inner"))).log("broke");
        var trace = line().path("stack_trace").asText();
        assertTrue(trace.startsWith("java.lang.IllegalStateException: outer") && trace.contains("Caused by: java.io.IOException: inner"), trace);
        log.atError().setCause(new IllegalStateException("x".repeat(100_000))).log("broke");
        assertTrue(line().path("stack_trace").asText().length() < 16_000);
    }

    @Test
    void isWhatServicesLogByOnlyWhereJsonIsAskedFor() throws Exception {
        var json = configured("json");
        assertInstanceOf(JsonLines.class, console(json, "json").getEncoder());
        assertEquals("System.out", console(json, "json").getTarget());
        assertEquals(Level.INFO, json.getLogger("functions.invoke").getLevel());
        assertEquals(Level.INFO, json.getLogger("functions.log").getLevel());
        var text = configured("text");
        assertEquals("System.err", console(text, "text").getTarget());
        assertEquals(Level.OFF, text.getLogger("functions.invoke").getLevel());
        assertEquals(Level.OFF, text.getLogger("functions.log").getLevel());
    }

    private static ConsoleAppender<ILoggingEvent> console(LoggerContext context, String name) {
        return (ConsoleAppender<ILoggingEvent>) context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(name);
    }

    /** As the services are, with their own file. */
    private static LoggerContext configured(String format) throws Exception {
        var context = new LoggerContext();
        context.putProperty("AEROFN_LOG_FORMAT", format);
        var configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Objects.requireNonNull(JsonLines.class.getResource("/logback.xml")));
        return context;
    }

    private JsonNode line() throws IOException {
        var encoder = new JsonLines();
        var text = new String(encoder.encode(events.list.getLast()), StandardCharsets.UTF_8);
        assertEquals(text.length() - 1, text.indexOf('\n'), text);
        return MAPPER.readTree(text);
    }
}
