package io.aerodb.functions.gateway.module;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wabt.Wat2WasmModule;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * WABT's {@code wat2wasm}, itself a WebAssembly program, run from stdin to stdout: it sees no file. The library's own method
 * for it drops the error messages.
 */
final class Wat2Wasm {

    sealed interface Result {}

    record Compiled(byte[] wasm) implements Result {}

    /** @param errors fit to be shown to the author */
    record Failed(String errors) implements Result {}

    private static final String UNREADABLE = "the WAT text cannot be compiled: it is nested too deeply or needs too much memory";
    private static final int MAX_ERRORS = 3;
    private static final int MAX_ERROR_BYTES = 16 * 1024;
    /** In pages of 64 KiB: what the program starts with, and may grow to. The largest texts need less. */
    private static final MemoryLimits MEMORY = new MemoryLimits(12, 1024);

    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");
    private static final Pattern ERROR = Pattern.compile("^-:(\\d+):(\\d+): error: (.*)$", Pattern.MULTILINE);

    private final WasmModule program = Wat2WasmModule.load();

    /** Ends soon after its thread is interrupted. */
    Result compile(byte[] source) {
        var wasm = new BoundedOutput(Bounds.MODULE_BYTES);
        var errors = new BoundedOutput(MAX_ERROR_BYTES);
        var options = WasiOptions.builder()
                .withStdin(new ByteArrayInputStream(source))
                .withStdout(wasm)
                .withStderr(errors)
                .withArguments(List.of("wat2wasm", "-", "--output=-"))
                .build();
        try (var wasi = WasiPreview1.builder().withOptions(options).build()) {
            Instance.builder(program)
                    .withMachineFactory(Wat2WasmModule::create)
                    .withMemoryLimits(MEMORY)
                    .withImportValues(ImportValues.builder().addFunction(wasi.toHostFunctions()).build())
                    .build();
            return new Compiled(wasm.toByteArray());
        } catch (WasiExitException e) {
            return e.exitCode() == 0 ? new Compiled(wasm.toByteArray()) : new Failed(readable(errors));
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            // it printed more errors than anyone reads, or it overflowed its stack or memory, or was interrupted
            return new Failed(readable(errors));
        }
    }

    private static String readable(BoundedOutput output) {
        var errors = new ArrayList<String>();
        var found = ERROR.matcher(COLOUR.matcher(output.text()).replaceAll(""));
        while (errors.size() < MAX_ERRORS && found.find()) {
            errors.add("line " + found.group(1) + ", column " + found.group(2) + ": " + found.group(3));
        }
        return errors.isEmpty() ? UNREADABLE : String.join("; ", errors);
    }
}
