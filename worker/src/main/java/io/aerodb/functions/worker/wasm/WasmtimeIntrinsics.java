package io.aerodb.functions.worker.wasm;

import java.util.List;

/** What a {@linkplain WasmtimeRewriter rewritten} module asks of its host besides what it imports, each by its place in the list. */
final class WasmtimeIntrinsics {

    /** Before a memory grows by the argument: the same number if it may, or -1, by which no memory can grow. */
    static final int TAKE_PAGES = 0;
    /** A memory did not grow. */
    static final int PAGES_REFUSED = 1;
    /** Before a table grows by the argument: the same number if it may, or -1, by which no table can grow. */
    static final int TAKE_ELEMENTS = 2;
    /** A table did not grow. */
    static final int ELEMENTS_REFUSED = 3;
    /** Nothing is asked: each call of the host looks for an interrupt. */
    static final int PAUSE = 4;

    private static final String MODULE = "sandbox";

    static final List<HostCall> CALLS = List.of(
            HostCall.returning(MODULE, "take_pages", 1, (_, guest, args) -> ((WasmtimeGuest) guest).takePages((int) args[0])),
            HostCall.silent(MODULE, "pages_refused", 0, (_, guest, _) -> ((WasmtimeGuest) guest).pagesRefused()),
            HostCall.returning(MODULE, "take_elements", 1, (_, guest, args) -> ((WasmtimeGuest) guest).takeElements((int) args[0])),
            HostCall.silent(MODULE, "elements_refused", 0, (_, guest, _) -> ((WasmtimeGuest) guest).elementsRefused()),
            HostCall.silent(MODULE, "pause", 0, (_, _, _) -> 0));

    private WasmtimeIntrinsics() {}
}
