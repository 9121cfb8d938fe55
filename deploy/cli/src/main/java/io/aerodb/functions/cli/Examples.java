package io.aerodb.functions.cli;

import java.io.IOException;
import java.util.List;

/** The example functions that come with the command. */
final class Examples {

    /** Those that the local platform starts with; the first one is what the demo calls. */
    static final List<String> NAMES = List.of("hello", "echo", "context", "teapot", "loop", "hog", "crash");

    private Examples() {}

    /** The function's WebAssembly text. */
    static byte[] source(String name) throws IOException {
        try (var resource = Examples.class.getResourceAsStream("/examples/" + name + "/" + name + ".wat")) {
            if (resource == null) {
                throw new IOException("the example " + name + " is not in this build");
            }
            return resource.readAllBytes();
        }
    }
}
