package io.aerodb.functions.compiler;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Drains what a process writes to standard error, so that it never waits for a reader, and keeps the beginning. */
final class ErrorOutput {

    private static final int KEPT_BYTES = 4096;

    private final InputStream stream;
    private final Thread reader;
    private volatile String text = "";

    ErrorOutput(InputStream stream) {
        this.stream = stream;
        this.reader = Thread.ofPlatform().name("compiler-errors").daemon().start(this::drain);
    }

    /** All of it, if the process has ended. */
    String text() throws InterruptedException {
        reader.join(1000);
        return text;
    }

    private void drain() {
        try (stream) {
            text = new String(stream.readNBytes(KEPT_BYTES), StandardCharsets.UTF_8).strip();
            while (stream.skip(Integer.MAX_VALUE) > 0 || stream.read() >= 0) {
                // nobody wants the rest
            }
        } catch (IOException e) {
            // the process has ended
        }
    }
}
