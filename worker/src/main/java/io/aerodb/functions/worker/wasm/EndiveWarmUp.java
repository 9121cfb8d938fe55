package io.aerodb.functions.worker.wasm;

import java.lang.invoke.MethodHandles;
import java.util.List;
import run.endive.runtime.BitOps;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.ConstantEvaluators;
import run.endive.runtime.InterpreterMachine;
import run.endive.runtime.MStack;
import run.endive.runtime.OpcodeImpl;
import run.endive.runtime.StackFrame;
import run.endive.runtime.TrapException;
import run.endive.runtime.WasmInterruptedException;
import run.endive.runtime.WasmRuntimeException;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.types.MemoryLimits;

/**
 * Initialises and links what guest code reaches in the engine. If that happened first at the edge of a guest's stack, it would fail
 * there, and a class whose initialiser failed is broken for every later run.
 */
final class EndiveWarmUp {

    private static final List<Class<?>> REACHED_BY_GUESTS = List.of(
            BitOps.class, ConstantEvaluators.class, InterpreterMachine.class, MStack.class, OpcodeImpl.class, StackFrame.class,
            TrapException.class, WasmEngineException.class, WasmInterruptedException.class, WasmRuntimeException.class,
            GuestAbort.class, GuestExit.class, GuestInterrupted.class, GuestStackExhausted.class, HostFault.class, HostError.class,
            HostAnswer.class, HostCalls.class, AerodbV1.class, EnvAlias.class, EndiveImports.class,
            WasiPreview1.class, WasiErrno.class, WasiStrings.class, WasiClock.class, WasiRandom.class, WasiDescriptors.class,
            WasiBuffers.class, WasiPoll.class, WasiSubscription.class, StandardStreams.class, ErrorLines.class);

    private EndiveWarmUp() {}

    static void run() {
        try {
            for (var type : REACHED_BY_GUESTS) {
                MethodHandles.lookup().ensureInitialized(type);
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("a class that guests reach is not public", e);
        }
        linkMemoryAccess(new ByteArrayMemory(new MemoryLimits(1, 1)));
        HostError.NOT_FOUND.body("");
        WasiRandom.warmUp();
        StackHeadroom.prove();
    }

    /** Each width has a handle of its own, linked at its first use. */
    private static void linkMemoryAccess(ByteArrayMemory memory) {
        memory.writeByte(0, memory.read(0));
        memory.writeShort(0, memory.readShort(0));
        memory.writeI32(0, memory.readInt(0));
        memory.writeLong(0, memory.readLong(0));
        memory.writeF32(0, memory.readFloat(0));
        memory.writeF64(0, memory.readDouble(0));
        try {
            memory.readLong(-1);
        } catch (WasmRuntimeException expected) {
            // the way to a trap is linked too
        }
    }
}
