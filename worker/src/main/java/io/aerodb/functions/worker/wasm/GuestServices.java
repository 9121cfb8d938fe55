package io.aerodb.functions.worker.wasm;

import java.time.Duration;

/**
 * What one run may ask of the world outside of its sandbox, on its caller's behalf. Calls block the guest's thread and return at the
 * latest soon after the remaining time.
 */
public interface GuestServices {

    /**
     * Runs one SQL statement with the caller's rights.
     *
     * @param params a JSON array in UTF-8, one element for each {@code $1…}; no bytes for none
     * @throws InterruptedException if the run was ended meanwhile
     */
    HostAnswer dbQuery(String sql, byte[] params, Duration remaining) throws InterruptedException;

    /**
     * Sends one HTTP request.
     *
     * @param request JSON in UTF-8
     * @throws InterruptedException if the run was ended meanwhile
     */
    HostAnswer httpFetch(byte[] request, Duration remaining) throws InterruptedException;
}
