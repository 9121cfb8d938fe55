package io.aerodb.functions.worker.wasm;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/**
 * The imports of {@code aerodb_v1}. They are made once: which run a call belongs to is known by the memory of the instance that
 * makes it. Only bytes that are read or written have to lie inside the guest's memory; how large it says its buffer is does not
 * matter.
 */
final class HostFunctions {

    private static final String MODULE = "aerodb_v1";
    private static final int MAX_KEY_BYTES = 256;
    private static final long[] NO_RESULT = {};

    private static final Map<String, HostFunction> BY_NAME = Stream.of(
                    returning("input_read", 2, (io, memory, args) -> read(io.call().input(), memory, args)),
                    returning("context_read", 2, (io, memory, args) -> read(io.call().context(), memory, args)),
                    returning("result_read", 2, (io, memory, args) -> read(io.result(), memory, args)),
                    returning("env_get", 2, HostFunctions::envGet),
                    silent("output_write", 2, HostFunctions::outputWrite),
                    silent("log", 3, HostFunctions::log))
            .collect(Collectors.toUnmodifiableMap(ImportFunction::name, Function.identity()));

    static final ImportValues ALL =
            ImportValues.builder().addFunction(BY_NAME.values().toArray(ImportFunction[]::new)).build();

    private HostFunctions() {}

    /** The type of a host function; empty if there is no such function. */
    static Optional<FunctionType> typeOf(String module, String name) {
        return module.equals(MODULE) ? Optional.ofNullable(BY_NAME.get(name)).map(HostFunction::functionType) : Optional.empty();
    }

    private static int read(byte[] source, GuestMemory memory, long[] args) {
        var length = (int) Math.min(unsigned(args[1]), source.length);
        memory.putAt(unsigned(args[0]), source, length);
        return source.length;
    }

    private static int envGet(GuestIo io, GuestMemory memory, long[] args) {
        var length = unsigned(args[1]);
        memory.requireInside(unsigned(args[0]), length);
        if (length > MAX_KEY_BYTES) {
            return io.returning(HostError.INVALID, "the name of a variable has at most " + MAX_KEY_BYTES + " bytes");
        }
        var key = new String(memory.bytesAt(unsigned(args[0]), length), StandardCharsets.UTF_8);
        var value = io.call().env().get(key);
        return value == null
                ? io.returning(HostError.NOT_FOUND, "the function has no variable '" + key + "'")
                : io.returning(value.getBytes(StandardCharsets.UTF_8));
    }

    private static void outputWrite(GuestIo io, GuestMemory memory, long[] args) {
        var length = unsigned(args[1]);
        memory.requireInside(unsigned(args[0]), length);
        if (length > io.output().room()) {
            throw new GuestAbort("the function wrote more than " + GuestOutput.MAX_BYTES + " bytes of output");
        }
        io.output().append(memory.bytesAt(unsigned(args[0]), length));
    }

    private static void log(GuestIo io, GuestMemory memory, long[] args) {
        var length = unsigned(args[2]);
        memory.requireInside(unsigned(args[1]), length);
        // one byte more than there is room for shows that something was cut
        var text = memory.bytesAt(unsigned(args[1]), Math.min(length, io.log().room() + 1));
        io.log().add((int) args[0], io.elapsedMillis(), text);
    }

    private static long unsigned(long i32) {
        return i32 & 0xFFFF_FFFFL;
    }

    @FunctionalInterface
    private interface Returning {
        int call(GuestIo io, GuestMemory memory, long[] args);
    }

    @FunctionalInterface
    private interface Silent {
        void call(GuestIo io, GuestMemory memory, long[] args);
    }

    private static HostFunction returning(String name, int parameters, Returning body) {
        var type = FunctionType.of(Collections.nCopies(parameters, ValType.I32), List.of(ValType.I32));
        return new HostFunction(MODULE, name, type, (instance, args) -> {
            var memory = enter(instance);
            try {
                return new long[] {body.call(memory.io(), memory, args)};
            } catch (RuntimeException e) {
                throw blamed(name, e);
            }
        });
    }

    private static HostFunction silent(String name, int parameters, Silent body) {
        var type = FunctionType.of(Collections.nCopies(parameters, ValType.I32), List.of());
        return new HostFunction(MODULE, name, type, (instance, args) -> {
            var memory = enter(instance);
            try {
                body.call(memory.io(), memory, args);
                return NO_RESULT;
            } catch (RuntimeException e) {
                throw blamed(name, e);
            }
        });
    }

    private static GuestMemory enter(Instance instance) {
        StackHeadroom.prove();
        return (GuestMemory) instance.memory();
    }

    private static RuntimeException blamed(String hostFunction, RuntimeException e) {
        return e instanceof GuestAbort ? e : new HostFault(hostFunction, e);
    }
}
