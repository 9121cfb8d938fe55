package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.telemetry.JsonLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class InvocationLinesTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final List<Logger> LOGGERS = List.of(
            (Logger) LoggerFactory.getLogger("functions.invoke"), (Logger) LoggerFactory.getLogger("functions.log"));

    private final ListAppender<ILoggingEvent> events = new ListAppender<>();

    @BeforeEach
    void listen() {
        events.start();
        LOGGERS.forEach(logger -> {
            logger.detachAppender("text"); // a terminal need not see the lines of these tests
            logger.addAppender(events);
        });
        levels(Level.INFO);
    }

    @AfterEach
    void stopListening() {
        LOGGERS.forEach(logger -> logger.detachAppender(events));
        levels(Level.OFF);
    }

    @Test
    void writesNothingWhereLinesAreForATerminal() {
        levels(Level.OFF);
        InvocationLines.write(ended(new Outcome.Succeeded(new byte[0]), List.of(new LogLine(LogLine.Level.ERROR, 1, "said"))));
        assertEquals(List.of(), events.list);
    }

    @Test
    void tellsASuccessInTheShapeThatOperatorsKnow() {
        InvocationLines.write(ended(new Outcome.Succeeded("secret".getBytes()), List.of()));
        var line = lines().getFirst();
        assertEquals("INFO", line.path("level").asText());
        assertEquals("functions", line.path("service").asText());
        assertEquals("invoke", line.path("operation").asText());
        assertEquals("hello", line.path("function").asText());
        assertEquals("http", line.path("trigger").asText());
        assertEquals(234.567, line.path("duration_ms").asDouble());
        assertEquals(1.5, line.path("memory_mb").asDouble());
        assertEquals("succeeded", line.path("status").asText());
        assertEquals("user-1", line.path("user_id").asText());
        assertEquals(36, line.path("request_id").asText().length());
        assertTrue(line.path("timestamp").asText().endsWith("Z"), line::toString);
        assertTrue(line.path("duration_ms").isNumber() && line.path("memory_mb").isNumber(), line::toString);
        assertFalse(line.has("error") || line.toString().contains("secret"), line::toString);
    }

    @Test
    void tellsAnErrorInTheShapeThatOperatorsKnow() {
        InvocationLines.write(ended(new Outcome.TimedOut("the function ran longer than its timeout of 100 ms"), List.of()));
        var line = lines().getFirst();
        assertEquals("ERROR", line.path("level").asText());
        assertEquals("timed_out", line.path("status").asText());
        assertEquals("the function ran longer than its timeout of 100 ms", line.path("error").asText());
        assertEquals("function_timeout", line.path("error_type").asText());
        for (var member : List.of("service", "operation", "function", "duration_ms", "user_id", "request_id", "timestamp")) {
            assertTrue(line.hasNonNull(member), member);
        }
    }

    @Test
    void leavesOutAUserThatIsNotKnown() {
        var request = Requests.request(Identity.ANONYMOUS, null, null);
        InvocationLines.write(new EndedAttempt(Requests.onTheLog(request), request, Requests.NOW, Requests.NOW, FunctionRunner.Run.notRun(new Outcome.Expired("late"))));
        assertFalse(lines().getFirst().has("user_id"));
    }

    @Test
    void writesWhatAFunctionLoggedAtItsLevelAndNotWithoutEnd() {
        var said = List.of(new LogLine(LogLine.Level.DEBUG, 0, "hidden"), new LogLine(LogLine.Level.WARN, 3, "{} said"), new LogLine(LogLine.Level.FATAL, 4, "x".repeat(9000)));
        InvocationLines.write(ended(new Outcome.Succeeded(new byte[0]), said));
        var lines = lines();
        assertEquals(List.of("WARN", "ERROR", "INFO"), lines.stream().map(line -> line.path("level").asText()).toList());
        assertEquals("{} said", lines.get(0).path("message").asText());
        assertEquals("hello", lines.get(0).path("function").asText());
        assertEquals(3, lines.get(0).path("offset_ms").asInt());
        assertEquals(InvocationLines.MAX_CHARACTERS + 1, lines.get(1).path("message").asText().length());
        assertEquals(3, lines.get(2).path("log_lines").asInt());

        events.list.clear();
        InvocationLines.write(ended(new Outcome.Succeeded(new byte[0]), IntStream.range(0, 2000).mapToObj(i -> new LogLine(LogLine.Level.INFO, i, "line")).toList()));
        assertEquals(InvocationLines.MAX_LINES + 1, lines().size());
        assertEquals(2000, lines().getLast().path("log_lines").asInt());
    }

    private static EndedAttempt ended(Outcome outcome, List<LogLine> log) {
        var request = Requests.request(ModuleHash.of(new byte[] {1}), Duration.ofSeconds(1));
        var execution = new Execution(outcome, Duration.ofNanos(234_567_890), 3 << 19, log, false);
        return new EndedAttempt(Requests.onTheLog(request), request, Requests.NOW, Requests.NOW, new FunctionRunner.Run(execution, request.identity(), OptionalLong.empty()));
    }

    private static void levels(Level level) {
        LOGGERS.forEach(logger -> logger.setLevel(level));
    }

    private List<JsonNode> lines() {
        var encoder = new JsonLines();
        return events.list.stream().map(event -> {
            try {
                return MAPPER.readTree(encoder.encode(event));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }).toList();
    }
}
