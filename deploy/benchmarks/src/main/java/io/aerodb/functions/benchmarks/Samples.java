package io.aerodb.functions.benchmarks;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** How long each of many calls took, in nanoseconds, and how long all of them. Not thread-safe. */
final class Samples {

    private static final int TYPICAL = 1 << 16;

    private long[] nanos = new long[TYPICAL];
    private int size;
    private boolean sorted;
    private long elapsedNanos;

    void add(long callNanos) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = callNanos;
        sorted = false;
    }

    /** Adds the time that all calls of a slice took together. */
    void elapsed(long moreNanos) {
        elapsedNanos += moreNanos;
    }

    void addAll(Samples others) {
        for (var i = 0; i < others.size; i++) {
            add(others.nanos[i]);
        }
        elapsed(others.elapsedNanos);
    }

    int size() {
        return size;
    }

    double seconds() {
        return elapsedNanos / 1e9;
    }

    double perSecond() {
        return size / seconds();
    }

    /** @param percent from 0 to 100 */
    double millis(int percent) {
        if (!sorted) {
            Arrays.sort(nanos, 0, size);
            sorted = true;
        }
        return nanos[(int) Math.min(size - 1, (long) size * percent / 100)] / 1e6;
    }

    void writeTo(DataOutputStream out) throws IOException {
        out.writeLong(elapsedNanos);
        out.writeInt(size);
        for (var i = 0; i < size; i++) {
            out.writeLong(nanos[i]);
        }
        out.flush();
    }

    static Samples readFrom(DataInputStream in) throws IOException {
        var samples = new Samples();
        samples.elapsed(in.readLong());
        for (var left = in.readInt(); left > 0; left--) {
            samples.add(in.readLong());
        }
        return samples;
    }
}
