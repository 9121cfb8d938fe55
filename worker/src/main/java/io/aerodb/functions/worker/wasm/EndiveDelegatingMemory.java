package io.aerodb.functions.worker.wasm;

import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.wasm.types.DataSegment;

/**
 * The engine's memory, which is final, made open for a limit: it only forwards. What threads need is missing, because modules that
 * use it are rejected.
 */
abstract class EndiveDelegatingMemory implements Memory {

    private final ByteArrayMemory bytes;

    EndiveDelegatingMemory(ByteArrayMemory bytes) {
        this.bytes = bytes;
    }

    @Override
    public int pages() {
        return bytes.pages();
    }

    @Override
    public int grow(int pages) {
        return bytes.grow(pages);
    }

    @Override
    public int initialPages() {
        return bytes.initialPages();
    }

    @Override
    public int maximumPages() {
        return bytes.maximumPages();
    }

    @Override
    public void initialize(Instance instance, DataSegment[] segments) {
        bytes.initialize(instance, segments);
    }

    @Override
    public void initialize(Instance instance, DataSegment[] segments, int memoryIndex) {
        bytes.initialize(instance, segments, memoryIndex);
    }

    @Override
    public void initPassiveSegment(int segment, int destination, int offset, int size) {
        bytes.initPassiveSegment(segment, destination, offset, size);
    }

    @Override
    public void drop(int segment) {
        bytes.drop(segment);
    }

    @Override
    public void zero() {
        bytes.zero();
    }

    @Override
    public void fill(byte value, int from, int to) {
        bytes.fill(value, from, to);
    }

    @Override
    public void copy(int destination, int source, int size) {
        bytes.copy(destination, source, size);
    }

    @Override
    public void write(int address, byte[] data, int offset, int size) {
        bytes.write(address, data, offset, size);
    }

    @Override
    public byte[] readBytes(int address, int length) {
        return bytes.readBytes(address, length);
    }

    @Override
    public byte read(int address) {
        return bytes.read(address);
    }

    @Override
    public void writeByte(int address, byte value) {
        bytes.writeByte(address, value);
    }

    @Override
    public short readShort(int address) {
        return bytes.readShort(address);
    }

    @Override
    public long readU16(int address) {
        return bytes.readU16(address);
    }

    @Override
    public void writeShort(int address, short value) {
        bytes.writeShort(address, value);
    }

    @Override
    public int readInt(int address) {
        return bytes.readInt(address);
    }

    @Override
    public void writeI32(int address, int value) {
        bytes.writeI32(address, value);
    }

    @Override
    public long readLong(int address) {
        return bytes.readLong(address);
    }

    @Override
    public void writeLong(int address, long value) {
        bytes.writeLong(address, value);
    }

    @Override
    public float readFloat(int address) {
        return bytes.readFloat(address);
    }

    @Override
    public long readF32(int address) {
        return bytes.readF32(address);
    }

    @Override
    public void writeF32(int address, float value) {
        bytes.writeF32(address, value);
    }

    @Override
    public double readDouble(int address) {
        return bytes.readDouble(address);
    }

    @Override
    public long readF64(int address) {
        return bytes.readF64(address);
    }

    @Override
    public void writeF64(int address, double value) {
        bytes.writeF64(address, value);
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    @SuppressWarnings("removal")
    public Object lock(int address) {
        throw new UnsupportedOperationException("threads");
    }

    @Override
    @SuppressWarnings("removal")
    public int waitOn(int address, int expected, long timeout) {
        throw new UnsupportedOperationException("threads");
    }

    @Override
    @SuppressWarnings("removal")
    public int waitOn(int address, long expected, long timeout) {
        throw new UnsupportedOperationException("threads");
    }

    @Override
    @SuppressWarnings("removal")
    public int notify(int address, int waiters) {
        throw new UnsupportedOperationException("threads");
    }
}
