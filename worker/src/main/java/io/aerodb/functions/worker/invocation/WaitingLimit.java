package io.aerodb.functions.worker.invocation;

/**
 * How much a lane keeps in memory that has not begun. Every partition has an equal part of it, so that one whose records all wait for
 * each other does not keep the others from being read. One poll may go beyond it.
 *
 * @param records of all partitions together
 * @param bytes of all partitions together
 */
record WaitingLimit(int records, long bytes) {

    private static final int RECORDS_PER_SLOT = 8;
    private static final int MIN_RECORDS = 64;
    private static final long BYTES = 64 << 20;

    static WaitingLimit forSlots(int slots) {
        return new WaitingLimit(Math.max(MIN_RECORDS, slots * RECORDS_PER_SLOT), BYTES);
    }

    /** Whether a partition has used its part up. @param partitions how many share the limit, at least 1 */
    boolean isReached(int waiting, long waitingBytes, int partitions) {
        return waiting >= Math.max(1, records / partitions) || waitingBytes >= Math.max(1, bytes / partitions);
    }
}
