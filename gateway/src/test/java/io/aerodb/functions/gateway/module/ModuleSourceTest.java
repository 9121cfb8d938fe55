package io.aerodb.functions.gateway.module;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModuleSourceTest {

    @Test
    void takesBytesThatBeginWithTheMagicNumberForAModule() {
        assertInstanceOf(ModuleSource.Wasm.class, ModuleSource.of(WasmBytes.valid()));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(module)",
        "  \t\r\n(module)",
        ";; a comment\n(module)",
        ";; (module\n ( module $named",
        "(; block (; nested ;) ;)(module)",
        "(; (module ;) ( ;; here\n module)"
    })
    void takesTextThatBeginsAModuleForWat(String text) {
        assertInstanceOf(ModuleSource.Wat.class, ModuleSource.of(utf8(text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "#!/bin/sh", "export default () => 1", "(", "(; (module", ";; (module", "(func)", "\0as", "PK\3\4"})
    void refusesWhatIsNeither(String text) {
        assertTrue(Refused.as("invalid_wasm", () -> ModuleSource.of(utf8(text))).contains("neither"));
    }

    @Test
    void decidesInLinearTime() {
        var comments = utf8("(;".repeat(5_000_000));
        assertTimeoutPreemptively(
                Duration.ofSeconds(30), () -> Refused.as("invalid_wasm", () -> ModuleSource.of(comments)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
