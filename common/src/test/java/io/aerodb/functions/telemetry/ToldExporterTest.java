package io.aerodb.functions.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ToldExporterTest {

    private final Logger logger = (Logger) LoggerFactory.getLogger(ToldExporter.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final AtomicLong now = new AtomicLong(7);
    private CompletableResultCode result = CompletableResultCode.ofSuccess();

    private final ToldExporter exporter = new ToldExporter(new SpanExporter() {
        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            return result;
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }, 3, now::get);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
    }

    @Test
    void isSilentAboutWhatWasSent() {
        exporter.export(List.of());
        assertEquals(List.of(), lines.list);
    }

    @Test
    void tellsOfWhatDoesNotFitAnyMore() {
        assertEquals(List.of(true, true, true, false, false), IntStream.range(0, 5).mapToObj(_ -> exporter.hasRoomForOne()).toList());
        assertEquals(List.of("spans could not be sent to AEROFN_TRACING_ENDPOINT: more than 3 wait"),
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
        exporter.export(Collections.nCopies(2, null));
        assertEquals(List.of(true, true, false), IntStream.range(0, 3).mapToObj(_ -> exporter.hasRoomForOne()).toList());
    }

    @Test
    void tellsOfALossOnceAMinute() {
        result = CompletableResultCode.ofExceptionalFailure(new IllegalStateException("wrapped", new ConnectException("Connection refused")));
        for (var i = 0; i < 100; i++) {
            exporter.export(List.of());
            now.addAndGet(Duration.ofMillis(500).toNanos());
        }
        assertEquals(List.of("spans could not be sent to AEROFN_TRACING_ENDPOINT: Connection refused"),
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        exporter.export(List.of());
        assertEquals(2, lines.list.size());
    }
}
