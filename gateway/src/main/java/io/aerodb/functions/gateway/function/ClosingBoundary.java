package io.aerodb.functions.gateway.function;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Whether a multipart body came to its end: the parser takes the last part for whole where the rest was cut off. */
final class ClosingBoundary {

    private static final Pattern PARAMETER = Pattern.compile("(?i);\\s*boundary=(?:\"([^\"]+)\"|([^;\\s]+))");
    /** What may follow it: a line break, and a few bytes that some clients add. */
    private static final int EPILOGUE_BYTES = 64;

    private final String closing;
    private Buffer tail = Buffer.buffer();

    /** @param contentType without a boundary nothing is expected: the parser refuses the body then */
    ClosingBoundary(String contentType) {
        var parameter = PARAMETER.matcher(contentType);
        closing = parameter.find() ? "--" + (parameter.group(1) == null ? parameter.group(2) : parameter.group(1)) + "--" : "";
    }

    void received(Buffer chunk) {
        var kept = closing.length() + EPILOGUE_BYTES;
        var joined = Buffer.buffer().appendBuffer(tail).appendBuffer(chunk.slice(Math.max(0, chunk.length() - kept), chunk.length()));
        tail = joined.slice(Math.max(0, joined.length() - kept), joined.length());
    }

    boolean isThere() {
        return tail.toString(StandardCharsets.ISO_8859_1.name()).contains(closing);
    }
}
