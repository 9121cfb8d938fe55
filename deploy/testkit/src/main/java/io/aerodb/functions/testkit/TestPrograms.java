package io.aerodb.functions.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Functions that were built once, by compilers that not every machine has. */
public final class TestPrograms {

    private TestPrograms() {}

    /** The example {@code wordcount-c}, a WASI command, built as its README says. */
    public static byte[] wordcount() {
        try (var resource = TestPrograms.class.getResourceAsStream("wordcount.wasm")) {
            if (resource == null) {
                throw new IllegalStateException("wordcount.wasm is missing");
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
