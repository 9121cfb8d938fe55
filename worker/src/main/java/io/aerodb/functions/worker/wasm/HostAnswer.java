package io.aerodb.functions.worker.wasm;

import java.nio.charset.StandardCharsets;

/**
 * What a host call gives the guest.
 *
 * @param number the body's length, or the negative number of a {@link HostError}
 * @param body what {@code result_read} copies next; not copied here
 */
public record HostAnswer(int number, byte[] body) {

    public static HostAnswer of(byte[] body) {
        return new HostAnswer(body.length, body);
    }

    public static HostAnswer of(String body) {
        return of(body.getBytes(StandardCharsets.UTF_8));
    }

    public static HostAnswer error(HostError error, String message) {
        return new HostAnswer(error.number(), error.body(message));
    }
}
