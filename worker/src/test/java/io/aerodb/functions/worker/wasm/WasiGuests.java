package io.aerodb.functions.worker.wasm;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import run.endive.wasm.types.ValType;

/** Writes guests that use WASI, as WebAssembly text. */
final class WasiGuests {

    static final String MODULE = "wasi_snapshot_preview1";

    private WasiGuests() {}

    /** A WASI command with all imports there are, one page of memory and a {@code _start} of this body. */
    static String command(String body) {
        return module("(memory (export \"memory\") 1)", "(func (export \"_start\") (local $i i32) " + body + ")");
    }

    /** A command that exits with the errno of one call. */
    static String exiting(String call) {
        return command("(call $proc_exit " + call + ")");
    }

    static String module(String... fields) {
        var imports = HostCalls.ALL.stream()
                .filter(call -> !call.module().equals("env"))
                .map(WasiGuests::imported)
                .collect(Collectors.joining("\n"));
        return "(module " + imports + String.join("\n", fields) + ")";
    }

    /** A call with constant arguments, of whichever types it has. */
    static String call(String name, long... args) {
        var types = HostCalls.find(MODULE, name).orElseThrow().type().params();
        return IntStream.range(0, types.size())
                .mapToObj(i -> "(" + shown(types.get(i)) + ".const " + args[i] + ")")
                .collect(Collectors.joining(" ", "(call $" + name + " ", ")"));
    }

    /** Puts pointers and lengths at an address. */
    static String buffers(int address, long... numbers) {
        return IntStream.range(0, numbers.length)
                .mapToObj(i -> "(i32.store (i32.const " + (address + 4 * i) + ") (i32.const " + numbers[i] + "))")
                .collect(Collectors.joining());
    }

    private static String imported(HostCall call) {
        var parameters = call.type().params().stream().map(WasiGuests::shown).collect(Collectors.joining(" "));
        return "(import \"%s\" \"%s\" (func $%s (param %s)%s))".formatted(
                call.module(), call.name(), call.name(), parameters, call.hasResult() ? " (result i32)" : "");
    }

    private static String shown(ValType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
