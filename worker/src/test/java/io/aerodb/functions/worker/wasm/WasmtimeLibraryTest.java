package io.aerodb.functions.worker.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.kawamuray.wasmtime.NativeLibraryLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WasmtimeLibraryTest {

    @ParameterizedTest
    @CsvSource({"Linux, amd64", "Linux, aarch64", "Mac OS X, x86_64", "Mac OS X, aarch64"})
    void theArchiveHasOneForEachSystemThatItNames(String system, String processor) {
        assertNotNull(NativeLibraryLoader.class.getResource(WasmtimeLibrary.resource(system, processor)));
    }

    @ParameterizedTest
    @CsvSource({"Linux, riscv64", "Windows 11, amd64", "FreeBSD, amd64"})
    void saysWhereThereIsNone(String system, String processor) {
        var refused = assertThrows(EngineUnavailableException.class, () -> WasmtimeLibrary.resource(system, processor));
        assertEquals("the engine 'wasmtime' has no native library for " + system + " on " + processor
                + ", only for Linux and macOS on x86-64 and aarch64: choose the engine 'endive'", refused.getMessage());
    }

    @Test
    void anotherJvmLeavesNothingInItsTemporaryDirectory(@TempDir Path directory) throws Exception {
        assertEquals("wasmtime ran, native\n", inAnotherJvm(directory, "wasmtime"));
        try (var left = Files.list(directory)) {
            assertEquals(0, left.filter(file -> !file.getFileName().toString().startsWith("hsperfdata")).count());
        }
    }

    @Test
    void nothingNativeIsLoadedForTheOtherEngine(@TempDir Path directory) throws Exception {
        assertEquals("endive ran\n", inAnotherJvm(directory, "endive"));
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsNamed(@TempDir Path directory) throws Exception {
        var missing = directory.resolve("missing");
        assertEquals("the engine 'wasmtime' cannot load its native library from " + missing,
                inAnotherJvm(missing, "wasmtime").split(" \\(")[0]);
    }

    private static String inAnotherJvm(Path temporary, String engine) throws IOException, InterruptedException {
        var java = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + temporary, "-cp", System.getProperty("java.class.path"),
                Probe.class.getName(), engine).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            return new String(java.getInputStream().readAllBytes());
        } finally {
            java.destroyForcibly().waitFor();
        }
    }

    /** Runs one function, that recurses as deep as it may, in a JVM of its own. */
    static final class Probe {

        private Probe() {}

        /** By the class that loads the library: to ask the system what is mapped works on Linux only. */
        private static boolean isNative() throws ReflectiveOperationException {
            var loaded = NativeLibraryLoader.class.getDeclaredField("loaded");
            loaded.setAccessible(true);
            return loaded.getBoolean(null);
        }

        public static void main(String[] arguments) throws ReflectiveOperationException {
            var chosen = SandboxEngine.valueOf(arguments[0].toUpperCase(Locale.ROOT));
            try (var guests = new Guests(Guests.sandbox(chosen, Guests.BUDGET_BYTES))) {
                var deep = guests.run(Guests.module("(memory (export \"memory\") 1)",
                        "(func $f (call $log (i32.const 1) (i32.const 0) (i32.const 1)) (call $f))",
                        "(func (export \"handler\") (result i32) (call $f) i32.const 0)"));
                System.out.println(deep.outcome().message().equals("the function's call stack is exhausted")
                        ? chosen + " ran" + (isNative() ? ", native" : "") : deep.outcome().message());
            } catch (EngineUnavailableException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
