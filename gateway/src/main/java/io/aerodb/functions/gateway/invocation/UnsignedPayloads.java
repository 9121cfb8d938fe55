package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.gateway.http.PayloadMemory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Room for bodies of webhooks until it is known who has signed them: none of that of calls, and of each function no more than an eighth,
 * so that those who send without a signature are in the way of nobody but the function that they send to. Thread-safe.
 */
final class UnsignedPayloads {

    /** Functions that are kept in mind while nothing of theirs is held. */
    private static final int MAX_IDLE = 10_000;
    private static final int FUNCTIONS = 8;

    private final PayloadMemory all;
    private final long mostOfOne;
    private final Map<FunctionName, PayloadMemory> functions = new ConcurrentHashMap<>();

    /**
     * @param maxBytes of all together; more where a single payload needs it
     * @param maxPayloadBytes of one payload
     * @param onRefusal told of each payload that found no room
     */
    UnsignedPayloads(long maxBytes, long maxPayloadBytes, Runnable onRefusal) {
        this.all = new PayloadMemory(Math.max(maxBytes, maxPayloadBytes), onRefusal);
        this.mostOfOne = Math.max(maxBytes / FUNCTIONS, maxPayloadBytes);
    }

    PayloadMemory of(FunctionName function) {
        if (functions.size() > MAX_IDLE) {
            functions.values().removeIf(memory -> memory.used() == 0);
        }
        return functions.computeIfAbsent(function, _ -> all.part(mostOfOne));
    }
}
