package io.aerodb.functions.telemetry;

import static ch.qos.logback.core.encoder.JsonEscapeUtil.jsonEscapeString;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * One JSON object a line with flat members in snake case: level, timestamp (ISO 8601 in UTC), service, logger, message, what was added
 * as key and value, the invocation and trace of {@link LogContext}, and the whole stack trace as one text. Named in {@code logback.xml}.
 */
public final class JsonLines extends JsonEncoder {

    /** Collectors cut lines, often at 16 KiB. */
    private static final int MAX_TRACE = 12 * 1024;
    private static final Pattern UPPER = Pattern.compile("([a-z0-9])([A-Z])");

    public JsonLines() {
        setWithSequenceNumber(false);
        setWithTimestamp(false);
        setWithNanoseconds(false);
        setWithThreadName(false);
        setWithLoggerName(false);
        setWithContext(false);
        setWithMarkers(false);
        setWithMDC(false);
        setWithKVPList(false);
        setWithMessage(false);
        setWithArguments(false);
        setWithThrowable(false);
    }

    @Override
    protected void appendCustomFields(StringBuilder line, ILoggingEvent event) {
        var written = new HashSet<>(Set.of("level"));
        append(line, written, "timestamp", event.getInstant());
        append(line, written, "logger", event.getLoggerName());
        append(line, written, "message", event.getFormattedMessage());
        for (var pair : Objects.requireNonNullElse(event.getKeyValuePairs(), List.<KeyValuePair>of())) {
            append(line, written, pair.key, pair.value);
        }
        append(line, written, "service", "functions");
        event.getMDCPropertyMap().forEach((key, value) -> append(line, written, key, value));
        if (event.getThrowableProxy() != null) {
            var trace = ThrowableProxyUtil.asString(event.getThrowableProxy());
            append(line, written, "stack_trace", trace.substring(0, Math.min(trace.length(), MAX_TRACE)));
        }
    }

    /** The first one of a name counts. */
    private void append(StringBuilder line, Set<String> written, String key, @Nullable Object value) {
        var name = UPPER.matcher(key).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
        if (value == null || !written.add(name)) {
            return;
        }
        line.append(VALUE_SEPARATOR);
        switch (value) {
            case Boolean flag -> line.append(QUOTE).append(jsonEscapeString(name)).append(QUOTE_COL).append(flag.booleanValue());
            case Integer number -> appenderMemberWithLongValue(line, jsonEscapeString(name), number);
            case Long number -> appenderMemberWithLongValue(line, jsonEscapeString(name), number);
            case Double number when Double.isFinite(number) -> line.append(QUOTE).append(jsonEscapeString(name)).append(QUOTE_COL).append(number.doubleValue());
            default -> appenderMember(line, jsonEscapeString(name), jsonEscapeString(value.toString()));
        }
    }
}
