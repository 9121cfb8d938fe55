package io.aerodb.functions.gateway.module;

import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.util.concurrent.Semaphore;

/**
 * Turns an uploaded file into a module that can be registered. Safe for use by many threads; calls block for up to some
 * seconds on hostile or very large input, so they have no place on an event loop.
 */
public final class ModuleIntake {

    /** What an upload may have at most. */
    public static final int MAX_MODULE_BYTES = Bounds.MODULE_BYTES;

    /** Fed the worst, a check holds some 200 MB and takes some seconds of a processor. */
    private static final int CHECKS_AT_ONCE = 2;

    private final Semaphore checks = new Semaphore(CHECKS_AT_ONCE, true);
    private final WatCompiler wat = new WatCompiler();

    /**
     * @param upload a binary module or WAT text, told apart by content; not copied
     * @throws InvalidFunctionException with code {@code wasm_too_large}, {@code invalid_wasm}, {@code unknown_import} or
     *     {@code module_rejected}
     * @throws UnavailableException if too many texts are being compiled already, or the caller was interrupted
     */
    public CheckedModule accept(byte[] upload) {
        ModuleCheck.requireSize(upload);
        return switch (ModuleSource.of(upload)) {
            case ModuleSource.Wasm(var bytes) -> check(bytes);
            case ModuleSource.Wat(var text) -> check(wat.compile(text));
        };
    }

    private CheckedModule check(byte[] wasm) {
        checks.acquireUninterruptibly();
        try {
            return ModuleCheck.check(wasm);
        } finally {
            checks.release();
        }
    }
}
