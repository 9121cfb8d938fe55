package io.aerodb.functions.worker.wasm;

import io.github.kawamuray.wasmtime.Engine;
import java.time.Duration;

/**
 * Moves wasmtime's clock, which guests look at where functions begin and in every round of a loop, and which stops them when it has
 * reached their end. It never runs ahead of real time.
 */
final class WasmtimeClock implements AutoCloseable {

    private static final Duration TICK = Duration.ofMillis(5);

    private final Engine engine;
    private final long startNanos = System.nanoTime();
    private final Thread ticker = new Thread(this::tick, "wasmtime-clock");
    private volatile long ticks;

    /** @param engine is disposed of with this; it must not be used for compiling, which locks it */
    WasmtimeClock(Engine engine) {
        this.engine = engine;
        ticker.setDaemon(true);
        ticker.setPriority(Thread.MAX_PRIORITY);
        ticker.start();
    }

    /** How many ticks are left, from now on, to a run that is to have ended then, as {@link System#nanoTime} tells it. */
    long ticksUntil(long endNanos) {
        return Math.max(0, Math.ceilDiv(endNanos - startNanos, TICK.toNanos()) - ticks);
    }

    @Override
    public void close() {
        ticker.interrupt();
    }

    private void tick() {
        try (engine) {
            while (true) {
                Thread.sleep(TICK);
                tickUntil((System.nanoTime() - startNanos) / TICK.toNanos());
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** Several times where this thread was kept from it. */
    private void tickUntil(long due) {
        for (var done = ticks; done < due; done++) {
            engine.incrementEpoch();
            ticks = done + 1;
        }
    }
}
