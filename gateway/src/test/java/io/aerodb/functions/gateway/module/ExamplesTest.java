package io.aerodb.functions.gateway.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The functions under {@code examples/} can be deployed as they are. */
class ExamplesTest {

    private static final Path EXAMPLES = Path.of("..", "examples");

    static List<Path> examples() throws IOException {
        try (var files = Files.walk(EXAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".wat")).sorted().toList();
        }
    }

    @Test
    void areFoundAndDescribed() throws IOException {
        assertEquals(9, examples().size());
        for (var example : examples()) {
            assertTrue(Files.exists(example.resolveSibling("README.md")), example.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void passTheCheck(Path example) throws IOException {
        var module = new ModuleIntake().accept(Files.readAllBytes(example));
        assertTrue(module.wasm().length < 1024, example.toString());
    }
}
