package io.aerodb.functions.worker.wasm;

/** A host call failed by a fault of its own, which is not the guest's. */
final class HostFault extends GuestEnd {

    private static final long serialVersionUID = 1L;

    HostFault(String hostCall, RuntimeException cause) {
        super("the host function '" + hostCall + "' failed", cause);
    }
}
