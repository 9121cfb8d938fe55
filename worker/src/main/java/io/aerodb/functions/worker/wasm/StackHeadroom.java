package io.aerodb.functions.worker.wasm;

/**
 * Proves that the stack has room for what comes next. A guest that recurses to the edge of its stack and then makes the host work
 * there would have it fail at any point: in the middle of an update, or in a class initialiser, which breaks that class for good.
 */
final class StackHeadroom {

    /** Of 85 bytes each where the JIT is at its best and 260 where it is not yet, so 42 KiB or more; takes about 1.2 µs. */
    private static final int DESCENTS = 512;

    /** A query or a request runs through more of our code than other host calls do, 170 KiB or more. */
    private static final int SERVICE_DESCENTS = 2048;

    private StackHeadroom() {}

    /** @throws StackOverflowError if there is no room, before anything was done */
    static void prove() {
        descend(DESCENTS, 1, 2, 3, 4, 5, 6, 7, 8);
    }

    /** @throws StackOverflowError if there is no room for a host call that leaves the sandbox, before anything was done */
    static void proveForService() {
        descend(SERVICE_DESCENTS, 1, 2, 3, 4, 5, 6, 7, 8);
    }

    /** Eight values that are needed after the call keep the frame large, however well it is compiled. */
    private static long descend(int depth, long a, long b, long c, long d, long e, long f, long g, long h) {
        if (depth == 0) {
            return a ^ h;
        }
        var below = descend(depth - 1, b, c, d, e, f, g, h, a + depth);
        return below ^ a ^ (b + c) ^ (d + e) ^ (f + g) ^ h;
    }
}
