package io.aerodb.functions.triggerbridge.dispatch;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What ends loops that do not say what caused their writes: how often one row may run one function within a minute, and how many
 * transactions may do so by changes of one table. For one thread at a time.
 */
public final class RunCaps {

    private static final int REMEMBERED_ROWS = 20_000;
    private static final int REMEMBERED_TABLES = 10_000;

    private final RunRates rows;
    private final RunRates tables;
    private final Map<String, Boolean> inThisTransaction = new HashMap<>();

    /** Why something must not be run now. */
    record Refusal(String code, String reason) {}

    /**
     * @param rowRate how often one row may run one function within a minute
     * @param tableRate how many transactions within a minute may run one function by changes of one table
     */
    public RunCaps(int rowRate, int tableRate) {
        this.rows = new RunRates(rowRate, REMEMBERED_ROWS);
        this.tables = new RunRates(tableRate, REMEMBERED_TABLES);
    }

    void nextTransaction() {
        inThisTransaction.clear();
    }

    /**
     * Counts a run, of which nothing says what caused it.
     *
     * @param table with the function
     * @param row with the function and the table; null where one row is not told from another
     * @return empty if it may be run
     */
    Optional<Refusal> refusal(String table, @Nullable String row, Instant changedAt) {
        if (!inThisTransaction.computeIfAbsent(table, which -> tables.tryTake(which, changedAt))) {
            return Optional.of(new Refusal("table_rate_exceeded",
                    "too many transactions have run the function by changes of one table within a minute; if it does so by itself, let it write through db_query"));
        }
        if (row != null && !rows.tryTake(row, changedAt)) {
            return Optional.of(new Refusal("row_rate_exceeded",
                    "one row has run the function too often within a minute; if it does so by itself, let it write through db_query"));
        }
        return Optional.empty();
    }
}
