package io.aerodb.functions.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogbackTest {

    private final LoggerContext context = new LoggerContext();

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void linesAboutInvocationsNeverWaitForWhoReadsThem() throws Exception {
        configure("json");
        for (var name : List.of("functions.invoke", "functions.log")) {
            var logger = context.getLogger(name);
            assertEquals(Level.INFO, logger.getLevel());
            assertFalse(logger.isAdditive(), "it would be written twice");
            assertTrue(assertInstanceOf(AsyncAppender.class, appender(logger)).isNeverBlock());
        }
        assertInstanceOf(ConsoleAppender.class, appender(context.getLogger(Logger.ROOT_LOGGER_NAME)));
    }

    @Test
    void aTerminalShowsNoLinesAboutInvocations() throws Exception {
        configure("text");
        for (var name : List.of("functions.invoke", "functions.log")) {
            assertEquals(Level.OFF, context.getLogger(name).getLevel());
            assertInstanceOf(ConsoleAppender.class, appender(context.getLogger(name)));
        }
    }

    private void configure(String format) throws Exception {
        context.putProperty("AEROFN_LOG_FORMAT", format);
        var configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Objects.requireNonNull(LogbackTest.class.getResource("/logback.xml")));
    }

    private static Appender<ILoggingEvent> appender(Logger logger) {
        var appenders = logger.iteratorForAppenders();
        var appender = appenders.next();
        assertTrue(appender.isStarted() && !appenders.hasNext());
        return appender;
    }
}
