package io.aerodb.functions.worker.invocation;

/**
 * How much a lane keeps in memory. Of what waits every partition has an equal part, so that one whose records all wait for each other
 * does not keep the others from being read. What has run counts until its outcome is on the log: functions that end while
 * Kafka does not take their outcomes would fill the memory. What runs is bounded by the slots. One poll may go beyond a limit.
 *
 * @param records that wait, and as many that have begun, of all partitions together
 * @param waitingBytes of records that wait, of all partitions together
 * @param begunBytes of records that have run and outcomes that are on their way to the log
 */
record MemoryLimit(int records, long waitingBytes, long begunBytes) {

    private static final int RECORDS_PER_SLOT = 8;
    private static final int MIN_RECORDS = 64;
    private static final long WAITING_BYTES = 64 << 20;
    private static final long BEGUN_BYTES = 128 << 20;

    /** @param slots of which records that run take no more than this */
    static MemoryLimit forSlots(int slots) {
        return new MemoryLimit(Math.max(MIN_RECORDS, slots * RECORDS_PER_SLOT), WAITING_BYTES, BEGUN_BYTES);
    }

    /** Whether a partition has used its part up. @param partitions how many share the limit, at least 1 */
    boolean isReachedByWaiting(int waiting, long bytes, int partitions) {
        return waiting >= Math.max(1, records / partitions) || bytes >= Math.max(1, waitingBytes / partitions);
    }

    boolean isReachedByBegun(int begun, long bytes) {
        return begun >= records || bytes >= begunBytes;
    }
}
