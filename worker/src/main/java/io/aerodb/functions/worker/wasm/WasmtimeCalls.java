package io.aerodb.functions.worker.wasm;

import io.github.kawamuray.wasmtime.FuncType;
import io.github.kawamuray.wasmtime.Val;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.ValType;

/**
 * The calls that a module makes of its host, all through one import: wasmtime compiles a trampoline for each function that is given to
 * an instance, at every run anew. That import is told which call is meant, and the call's arguments, as words of 32 bits, two in each
 * of its parameters, and gives the result of the call or 0.
 */
final class WasmtimeCalls {

    private static final int WORDS_EACH = 2;
    private static final long WORD = 0xFFFF_FFFFL;

    private final List<HostCall> calls;
    private final int parameters;

    private WasmtimeCalls(List<HostCall> calls) {
        this.calls = calls;
        this.parameters = calls.stream().mapToInt(WasmtimeCalls::words).map(words -> Math.ceilDiv(words, WORDS_EACH)).max().orElseThrow();
    }

    /** The intrinsic ones, and what the module imports in its order. */
    static WasmtimeCalls of(WasmModule module) {
        var imported = module.importSection().stream().map(wanted -> HostCalls.find(wanted.module(), wanted.name()).orElseThrow());
        return new WasmtimeCalls(Stream.concat(WasmtimeIntrinsics.CALLS.stream(), imported).toList());
    }

    /** Of the import, each an i64. */
    int parameters() {
        return parameters;
    }

    FuncType type() {
        return new FuncType(IntStream.range(0, parameters).mapToObj(_ -> Val.Type.I64).toArray(Val.Type[]::new),
                new Val.Type[] {Val.Type.I32});
    }

    HostCall called(Val[] words) {
        return calls.get((int) words[0].i64());
    }

    long[] arguments(HostCall call, Val[] words) {
        var types = call.type().params();
        var arguments = new long[types.size()];
        var next = 1;
        for (var i = 0; i < arguments.length; i++) {
            arguments[i] = word(words, next++);
            if (types.get(i).equals(ValType.I64)) {
                arguments[i] |= word(words, next++) << 32;
            }
        }
        return arguments;
    }

    /** Instructions that make a call with the arguments of the function that they are in, and leave the result on the stack. */
    void emit(int number, WasmBuffer code) {
        var words = Stream.concat(
                Stream.of((Runnable) () -> code.put(Wasm.I64_CONST).signed(number)),
                arguments(calls.get(number), code)).toList();
        for (var i = 0; i < parameters * WORDS_EACH; i += WORDS_EACH) {
            word(words, i, code).run();
            if (i + 1 < words.size()) {
                words.get(i + 1).run();
                code.put(Wasm.I64_CONST).signed(32).put(Wasm.I64_SHL, Wasm.I64_OR);
            }
        }
        code.put(Wasm.CALL).unsigned(0);
    }

    int number(int imported) {
        return WasmtimeIntrinsics.CALLS.size() + imported;
    }

    boolean hasResult(int number) {
        return calls.get(number).hasResult();
    }

    private static Stream<Runnable> arguments(HostCall call, WasmBuffer code) {
        var types = call.type().params();
        return IntStream.range(0, types.size()).boxed().flatMap(i -> types.get(i).equals(ValType.I64)
                ? Stream.of(
                        () -> code.put(Wasm.LOCAL_GET).unsigned(i).put(Wasm.I64_CONST).signed(WORD).put(Wasm.I64_AND),
                        () -> code.put(Wasm.LOCAL_GET).unsigned(i).put(Wasm.I64_CONST).signed(32).put(Wasm.I64_SHR_U))
                : Stream.<Runnable>of(() -> code.put(Wasm.LOCAL_GET).unsigned(i).put(Wasm.I64_EXTEND_I32_U)));
    }

    private static Runnable word(List<Runnable> words, int index, WasmBuffer code) {
        return index < words.size() ? words.get(index) : () -> code.put(Wasm.I64_CONST).signed(0);
    }

    private static long word(Val[] words, int index) {
        var both = words[index / WORDS_EACH].i64();
        return (index % WORDS_EACH == 0 ? both : both >>> 32) & WORD;
    }

    /** The call's number and its arguments. */
    private static int words(HostCall call) {
        return 1 + call.type().params().stream().mapToInt(type -> type.equals(ValType.I64) ? 2 : 1).sum();
    }
}
