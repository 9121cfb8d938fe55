package io.aerodb.functions.worker.wasm;

import java.util.Collections;
import java.util.List;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/**
 * A function that guests can import, whichever engine runs them.
 *
 * @param module the namespace
 * @param type parameters of i32 and i64, and at most one result, an i32
 */
record HostCall(String module, String name, FunctionType type, Body body) {

    /** What the call does. */
    @FunctionalInterface
    interface Body {

        /**
         * @param args an i32 in the lower half of each, or an i64
         * @return the call's result, if it has one
         */
        int call(GuestRun run, LinearMemory memory, long[] args) throws InterruptedException;
    }

    static HostCall returning(String module, String name, int parameters, Body body) {
        return new HostCall(module, name, FunctionType.of(i32s(parameters), i32s(1)), body);
    }

    /** One without a result, whatever its body returns. */
    static HostCall silent(String module, String name, int parameters, Body body) {
        return new HostCall(module, name, FunctionType.of(i32s(parameters), List.of()), body);
    }

    boolean hasResult() {
        return !type.returns().isEmpty();
    }

    /**
     * Makes the call, on the guest's own stack.
     *
     * @throws GuestEnd if the run ends here
     */
    int call(GuestRun run, LinearMemory memory, long[] args) {
        StackHeadroom.prove();
        try {
            return body.call(run, memory, args);
        } catch (GuestEnd e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuestInterrupted();
        } catch (RuntimeException e) {
            throw new HostFault(name, e);
        }
    }

    static long unsigned(long i32) {
        return i32 & 0xFFFF_FFFFL;
    }

    static List<ValType> i32s(int count) {
        return Collections.nCopies(count, ValType.I32);
    }
}
