package io.aerodb.functions.admission;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * All that one call holds. However the call ends, {@link #end} gives it back once; further ends are nothing. It is filled by one thread,
 * before anyone else sees it, and may be ended by any.
 */
public final class Permit {

    private final List<Consumer<Verdict>> held = new ArrayList<>();
    private final AtomicBoolean ended = new AtomicBoolean();

    /** @param release called once, at the end; must not throw */
    public void hold(Consumer<Verdict> release) {
        held.add(release);
    }

    public void end(Verdict verdict) {
        if (ended.compareAndSet(false, true)) {
            held.forEach(release -> release.accept(verdict));
        }
    }
}
