package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.HostCall.unsigned;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The lists of strings that a program is started with: its arguments, which are its name alone, and its variables. */
final class WasiStrings {

    private static final List<byte[]> ARGUMENTS = List.of(terminated("function"));

    private WasiStrings() {}

    static WasiErrno args(GuestRun run, LinearMemory memory, long[] args) {
        return put(ARGUMENTS, memory, args);
    }

    static WasiErrno argsSizes(GuestRun run, LinearMemory memory, long[] args) {
        return putSizes(ARGUMENTS, memory, args);
    }

    static WasiErrno environment(GuestRun run, LinearMemory memory, long[] args) {
        return put(variables(run), memory, args);
    }

    static WasiErrno environmentSizes(GuestRun run, LinearMemory memory, long[] args) {
        return putSizes(variables(run), memory, args);
    }

    /** Sorted, so that every run has them in the same order. */
    private static List<byte[]> variables(GuestRun run) {
        var strings = new ArrayList<byte[]>();
        for (var variable : new TreeMap<>(run.call().env()).entrySet()) {
            strings.add(terminated(variable.getKey().concat("=").concat(variable.getValue())));
        }
        return strings;
    }

    private static byte[] terminated(String string) {
        return string.concat("\0").getBytes(StandardCharsets.UTF_8);
    }

    /** The first argument is where a pointer to each string goes, the second where the strings go, one after the other. */
    private static WasiErrno put(List<byte[]> strings, LinearMemory memory, long[] args) {
        var pointers = ByteBuffer.allocate(strings.size() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        var text = ByteBuffer.allocate(totalBytes(strings));
        for (var string : strings) {
            pointers.putInt((int) args[1] + text.position());
            text.put(string);
        }
        memory.requireInside(unsigned(args[1]), text.capacity());
        memory.putAt(unsigned(args[0]), pointers.array(), pointers.capacity());
        memory.putAt(unsigned(args[1]), text.array(), text.capacity());
        return WasiErrno.SUCCESS;
    }

    private static WasiErrno putSizes(List<byte[]> strings, LinearMemory memory, long[] args) {
        memory.requireInside(unsigned(args[1]), Integer.BYTES);
        memory.putI32(unsigned(args[0]), strings.size());
        memory.putI32(unsigned(args[1]), totalBytes(strings));
        return WasiErrno.SUCCESS;
    }

    private static int totalBytes(List<byte[]> strings) {
        var total = 0;
        for (var string : strings) {
            total += string.length;
        }
        return total;
    }
}
