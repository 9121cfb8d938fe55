package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.Limits;
import java.time.Duration;
import java.util.Map;

/**
 * What one run is given. The arrays are not copied and never written to.
 *
 * @param input the payload
 * @param context what the function may know of its invocation, as JSON in UTF-8
 * @param env the function's variables; no others exist for it
 * @param services what its host calls reach on the caller's behalf
 * @param remaining until the invocation's deadline, from the moment {@link Sandbox#run} is called; may be negative
 */
public record GuestCall(byte[] input, byte[] context, Map<String, String> env, GuestServices services, Limits limits, Duration remaining) {

    public GuestCall {
        env = Map.copyOf(env);
    }

    /** The wall clock the run may use: its timeout, or less where its deadline is nearer. */
    Duration wallClock() {
        return deadlineIsNearer() ? remaining : limits.timeout();
    }

    boolean deadlineIsNearer() {
        return remaining.compareTo(limits.timeout()) < 0;
    }

    /** Leaves the variables and the payload out: they belong to the function and its caller. */
    @Override
    public String toString() {
        return "GuestCall[" + input.length + " bytes, " + limits + ", remaining=" + remaining + "]";
    }
}
