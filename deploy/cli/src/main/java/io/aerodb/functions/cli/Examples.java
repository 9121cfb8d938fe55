package io.aerodb.functions.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The example functions that come with the command. */
final class Examples {

    /** Those that the local platform starts with; the first one is what the demo calls. */
    static final List<String> NAMES = List.of("hello", "echo", "context", "teapot", "loop", "hog", "crash");

    private Examples() {}

    /** The function's WebAssembly text. */
    static byte[] source(String name) throws IOException {
        return file(name, name + ".wat");
    }

    /** What the function's database needs. */
    static String schema(String name) throws IOException {
        return new String(file(name, name + ".sql"), StandardCharsets.UTF_8);
    }

    private static byte[] file(String example, String file) throws IOException {
        try (var resource = Examples.class.getResourceAsStream("/examples/" + example + "/" + file)) {
            if (resource == null) {
                throw new IOException("the example " + example + " is not in this build");
            }
            return resource.readAllBytes();
        }
    }
}
