package io.aerodb.functions.worker.wasm;

/**
 * A run's standard streams, by the numbers that WASI gives them: from 0 the payload is read, 1 is the output, and what is written to 2
 * becomes lines of the log.
 */
final class StandardStreams {

    static final int INPUT = 0;
    static final int OUTPUT = 1;
    static final int ERROR = 2;

    private final byte[] input;
    private final GuestOutput output;
    private final ErrorLines errors;
    private final boolean[] open = {true, true, true};
    private int position;

    StandardStreams(byte[] input, GuestOutput output, ErrorLines errors) {
        this.input = input;
        this.output = output;
        this.errors = errors;
    }

    boolean isOpen(long descriptor) {
        return descriptor < open.length && open[(int) descriptor];
    }

    boolean isReadable(long descriptor) {
        return descriptor == INPUT && open[INPUT];
    }

    boolean isWritable(long descriptor) {
        return descriptor != INPUT && isOpen(descriptor);
    }

    /** @param descriptor one that is open */
    void close(long descriptor) {
        open[(int) descriptor] = false;
    }

    /** How many bytes of the payload are still unread. */
    int unread() {
        return input.length - position;
    }

    /**
     * Copies the next bytes of the payload, as far as there are any.
     *
     * @return how many these were
     * @throws GuestAbort if any of these would lie outside of the memory
     */
    int read(LinearMemory memory, long pointer, long length) {
        var count = (int) Math.min(length, unread());
        memory.requireInside(pointer, count);
        memory.write((int) pointer, input, position, count);
        position += count;
        return count;
    }

    /**
     * @param descriptor one that is writable
     * @throws GuestAbort if any of the bytes is outside of the memory, or if there is no room for them in the output
     */
    void write(long descriptor, LinearMemory memory, long pointer, long length) {
        memory.requireInside(pointer, length);
        if (descriptor == OUTPUT) {
            output.append(memory, pointer, length);
        } else {
            errors.append(memory, pointer, length);
        }
    }
}
