package io.aerodb.functions.worker.wasm;

/** What a call of {@link WasiPreview1} can return, numbered by WASI. */
enum WasiErrno {
    SUCCESS(0),
    BAD_DESCRIPTOR(8),
    INVALID(28),
    NOT_A_DIRECTORY(54),
    NOT_A_SOCKET(57),
    NOT_SUPPORTED(58),
    /** Neither forward nor back: a stream is read and written in order. */
    NOT_SEEKABLE(70);

    private final int number;

    WasiErrno(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
