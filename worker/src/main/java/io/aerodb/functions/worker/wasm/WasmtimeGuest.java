package io.aerodb.functions.worker.wasm;

import io.github.kawamuray.wasmtime.Caller;
import io.github.kawamuray.wasmtime.Disposable;
import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.FuncType;
import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.Val;
import io.github.kawamuray.wasmtime.WasmFunctionError;
import io.github.kawamuray.wasmtime.WasmtimeException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One instance of a module, for one run. Its native parts are freed when it is closed, and none may be used after that. */
final class WasmtimeGuest implements LinearMemory, AutoCloseable {

    /**
     * Each call keeps some objects and native references to them until the run has ended, about half a KiB, because wasmtime-java
     * does not free them before.
     */
    static final int MAX_HOST_CALLS = 100_000;

    private final WasmtimeCalls calls;
    private final GuestRun run;
    private final int initialPages;
    private final Deque<Disposable> parts = new ArrayDeque<>();
    private final Store<Void> store;

    private @Nullable Memory memory;
    private @Nullable ByteBuffer bytes;
    private @Nullable Throwable end;
    private int hostCalls;
    private int pagesTaken;
    private int elementsTaken;
    private long elements;

    WasmtimeGuest(Engine engine, WasmtimeCalls calls, GuestRun run, int initialPages, int tableElements) {
        this.calls = calls;
        this.run = run;
        this.initialPages = initialPages;
        this.elements = tableElements;
        this.store = with(new Store<>(null, engine));
    }

    /**
     * @param code a {@linkplain WasmtimeRewriter rewritten} module
     * @return the function's status
     * @throws GuestEnd if it ends before
     */
    int run(Module code, FuncType callType, WasmtimeClock clock) {
        store.setEpochDeadline(clock.ticksUntil(run.endNanos()));
        var instance = instantiate(code, with(new Func(store, callType, this::hostCall)));
        memory = with(instance.getMemory(store, WasmtimeRewriter.MEMORY).orElseThrow());
        var function = with(instance.getFunc(store, WasmtimeRewriter.RUN).orElseThrow());
        try {
            return function.call(store)[0].i32();
        } catch (WasmFunctionError.TrapError e) {
            throw WasmtimeTraps.end(e.trap());
        } catch (RuntimeException e) {
            throw ended(e);
        }
    }

    @Override
    public void close() {
        bytes = null;
        while (!parts.isEmpty()) {
            parts.pop().dispose();
        }
    }

    @Override
    public long sizeBytes() {
        return bytes().capacity();
    }

    @Override
    public byte[] readBytes(int pointer, int length) {
        var read = new byte[length];
        bytes().get(pointer, read);
        return read;
    }

    @Override
    public void write(int pointer, byte[] source, int offset, int length) {
        bytes().put(pointer, source, offset, length);
    }

    /** @return the same number if the memory may grow by it, or -1 */
    int takePages(int pages) {
        var taken = run.memory().take(pages);
        pagesTaken = taken ? pages : 0;
        bytes = null;
        return taken ? pages : -1;
    }

    int pagesRefused() {
        if (pagesTaken > 0) {
            run.memory().returnTaken(pagesTaken);
            pagesTaken = 0;
        }
        return 0;
    }

    /** @return the same number if a table may grow by it, or -1 */
    int takeElements(int count) {
        var taken = count >= 0 && elements + count <= EndiveTables.MAX_ELEMENTS;
        elementsTaken = taken ? count : 0;
        elements += elementsTaken;
        return taken ? count : -1;
    }

    int elementsRefused() {
        elements -= elementsTaken;
        elementsTaken = 0;
        return 0;
    }

    private Instance instantiate(Module code, Func host) {
        try {
            return with(new Instance(store, code, List.of(Extern.fromFunc(host))));
        } catch (WasmtimeException e) {
            // of this error wasmtime-java tells only the text
            if (e.getMessage().startsWith(WasmtimeTraps.PREFIX)) {
                throw GuestAbort.trap(e.getMessage().substring(WasmtimeTraps.PREFIX.length()));
            }
            run.memory().returnTaken(initialPages);
            throw new GuestAbort("the function's memory could not be made");
        }
    }

    /** On the guest's stack. wasmtime-java loses whatever is thrown, so it is kept here. */
    private void hostCall(Caller<Void> caller, Val[] words, Val[] results) {
        try {
            if (Thread.currentThread().isInterrupted()) {
                throw new GuestInterrupted();
            }
            if (++hostCalls > MAX_HOST_CALLS) {
                throw new GuestAbort("the function made more than " + MAX_HOST_CALLS
                        + " host calls, the most that the engine wasmtime can bear in one run");
            }
            var call = calls.called(words);
            results[0] = Val.fromI32(call.call(run, this, calls.arguments(call, words)));
        } catch (Throwable e) {
            end = e;
            throw new WasmtimeException("ended by the host");
        }
    }

    private RuntimeException ended(RuntimeException wasmtimes) {
        return switch (end) {
            case null -> wasmtimes;
            case GuestEnd guestEnd -> guestEnd;
            case StackOverflowError _ -> new GuestStackExhausted();
            case Error error -> throw error;
            case Throwable other -> new IllegalStateException("a host call ended in a way that it cannot", other);
        };
    }

    private ByteBuffer bytes() {
        if (bytes == null) {
            // an instance calls its host only when it is whole
            bytes = Objects.requireNonNull(memory).buffer(store);
        }
        return bytes;
    }

    private <T extends Disposable> T with(T part) {
        parts.push(part);
        return part;
    }
}
