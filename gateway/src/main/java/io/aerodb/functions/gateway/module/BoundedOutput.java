package io.aerodb.functions.gateway.module;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Collects what a program prints, and stops the program, by an exception that it cannot handle, when it prints too much. */
final class BoundedOutput extends OutputStream {

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final int max;

    BoundedOutput(int max) {
        this.max = max;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        var space = max - printed.size();
        printed.write(bytes, offset, Math.min(length, space));
        if (length > space) {
            throw new IllegalStateException("more than " + max + " bytes were printed");
        }
    }

    byte[] toByteArray() {
        return printed.toByteArray();
    }

    String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
