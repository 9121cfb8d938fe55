package io.aerodb.functions.worker.wasm;

import io.github.kawamuray.wasmtime.NativeLibraryLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Loads the native library out of wasmtime-java's archive. Its own loader leaves a copy of 18 MB in the temporary directory at each
 * start, and takes every processor it does not know for an x86-64.
 */
final class WasmtimeLibrary {

    private static final String VERSION = "0.19.0";

    private static boolean loaded;

    private WasmtimeLibrary() {}

    /** @throws EngineUnavailableException if there is none for this machine, or it cannot be loaded */
    @SuppressWarnings("restricted") // the JVM is started with --enable-native-access
    static synchronized void load() {
        if (loaded) {
            return;
        }
        var resource = resource(System.getProperty("os.name"), System.getProperty("os.arch"));
        try {
            var library = Files.createTempFile("aerofn-wasmtime-", ".lib");
            try {
                copy(resource, library);
                System.load(library.toString());
            } finally {
                // what is mapped stays usable without its name
                Files.delete(library);
            }
            silenceItsLoader();
        } catch (IOException | UnsatisfiedLinkError e) {
            throw new EngineUnavailableException("the engine 'wasmtime' cannot load its native library from "
                    + System.getProperty("java.io.tmpdir") + " (" + e.getMessage() + "): let java.io.tmpdir be a directory that can be "
                    + "written and executed from, or choose the engine 'endive'", e);
        }
        loaded = true;
    }

    /** Where the archive has the library for a system, both named as Java names them. */
    static String resource(String system, String processor) {
        var os = system.toLowerCase(Locale.ROOT);
        var arch = switch (processor) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "aarch64";
            default -> throw unavailable(system, processor);
        };
        if (os.contains("linux")) {
            return "/libwasmtime_jni_" + VERSION + "_linux_" + arch + ".so";
        }
        if (os.contains("mac")) {
            return "/libwasmtime_jni_" + VERSION + "_macos_" + arch + ".dylib";
        }
        throw unavailable(system, processor);
    }

    private static EngineUnavailableException unavailable(String system, String processor) {
        return new EngineUnavailableException("the engine 'wasmtime' has no native library for " + system + " on " + processor
                + ", only for Linux and macOS on x86-64 and aarch64: choose the engine 'endive'");
    }

    private static void copy(String resource, Path target) throws IOException {
        try (var archived = NativeLibraryLoader.class.getResourceAsStream(resource)) {
            if (archived == null) {
                throw new IOException("wasmtime-java has no " + resource);
            }
            Files.copy(archived, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** It can be told by an environment variable only, which a process cannot set for itself. */
    private static void silenceItsLoader() throws IOException {
        try {
            var itsLoaded = NativeLibraryLoader.class.getDeclaredField("loaded");
            itsLoaded.setAccessible(true);
            itsLoaded.setBoolean(null, true);
        } catch (ReflectiveOperationException e) {
            throw new IOException("wasmtime-java is not version " + VERSION, e);
        }
    }
}
