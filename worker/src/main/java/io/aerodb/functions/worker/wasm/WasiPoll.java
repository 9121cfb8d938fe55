package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.HostCall.unsigned;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Waits for the first of several things. The streams never keep a guest waiting, so there is something to wait for only where all
 * subscriptions are to clocks. The guest then really sleeps, until its deadline at the latest.
 */
final class WasiPoll {

    /** More than any program that has three streams can mean. */
    static final int MAX_SUBSCRIPTIONS = 1024;

    private WasiPoll() {}

    static WasiErrno poll(GuestRun run, LinearMemory memory, long[] args) throws InterruptedException {
        var count = unsigned(args[2]);
        if (count == 0 || count > MAX_SUBSCRIPTIONS) {
            return WasiErrno.INVALID;
        }
        memory.requireInside(unsigned(args[1]), count * WasiSubscription.EVENT_BYTES);
        memory.requireInside(unsigned(args[3]), Integer.BYTES);
        var subscriptions = subscriptions(run, memory.bytesAt(unsigned(args[0]), count * WasiSubscription.BYTES));
        var waitNanos = shortestWait(subscriptions);
        TimeUnit.NANOSECONDS.sleep(waitNanos);
        var events = ByteBuffer.allocate(subscriptions.size() * WasiSubscription.EVENT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (var subscription : subscriptions) {
            if (subscription.waitNanos() <= waitNanos) {
                subscription.putEvent(events);
            }
        }
        memory.putAt(unsigned(args[1]), events.array(), events.position());
        memory.putI32(unsigned(args[3]), events.position() / WasiSubscription.EVENT_BYTES);
        return WasiErrno.SUCCESS;
    }

    private static List<WasiSubscription> subscriptions(GuestRun run, byte[] bytes) {
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        var subscriptions = new ArrayList<WasiSubscription>();
        for (var at = 0; at < bytes.length; at += WasiSubscription.BYTES) {
            subscriptions.add(WasiSubscription.read(run, buffer, at));
        }
        return subscriptions;
    }

    private static long shortestWait(List<WasiSubscription> subscriptions) {
        var shortest = Long.MAX_VALUE;
        for (var subscription : subscriptions) {
            shortest = Math.min(shortest, subscription.waitNanos());
        }
        return shortest;
    }
}
