package io.aerodb.functions.worker.wasm;

/** A host function failed by a fault of its own, which is not the guest's. */
final class HostFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    HostFault(String hostFunction, RuntimeException cause) {
        super("the host function '" + hostFunction + "' failed", cause);
    }
}
