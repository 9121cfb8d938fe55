package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.worker.wasm.HostError;

/** How a fetch ended. */
public sealed interface FetchAnswer {

    /** JSON in UTF-8 for the guest to read. */
    byte[] body();

    /** What the host call returns: the length of the body, or a negative number of the guest ABI. */
    int code();

    /**
     * The host answered, with whatever status.
     *
     * @param body {@code {"status":200,"headers":{"content-type":"text/plain"},"body":"…"}}; {@code body_base64} stands in place of
     *         {@code body} where that is not UTF-8 or has control characters other than tab, line feed and carriage return. Names of
     *         headers are in lower case; the value of a repeated one is an array. What was compressed by gzip or deflate is not any
     *         more; another {@code content-encoding} is left to the guest
     */
    record Answered(byte[] body) implements FetchAnswer {

        @Override
        public int code() {
            return body.length;
        }
    }

    /** There is no answer for the guest. A host that was reached may have acted on the request all the same. */
    record Failed(HostError error, String message) implements FetchAnswer {

        @Override
        public byte[] body() {
            return error.body(message);
        }

        @Override
        public int code() {
            return error.number();
        }
    }
}
