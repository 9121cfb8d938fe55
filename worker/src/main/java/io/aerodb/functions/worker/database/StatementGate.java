package io.aerodb.functions.worker.database;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lets PostgreSQL's own grammar say whether a text is one {@code SELECT}, {@code VALUES}, {@code INSERT}, {@code UPDATE},
 * {@code DELETE} or {@code MERGE}: it admits nothing else after {@code PREPARE … AS}. Texts that passed once are remembered,
 * within bounds; what a text is does not depend on who asks. Thread-safe.
 */
final class StatementGate {

    /** The text is prepared, which analyses and does not run it, and forgotten again. */
    static final String PREPARE = "PREPARE aerodb_gate AS ";
    static final String FORGET = "DEALLOCATE aerodb_gate";

    private static final int MAX_TEXTS = 2000;
    private static final int MAX_REMEMBERED_LENGTH = 8 << 10;

    private final Map<String, Kind> passed = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kind> eldest) {
            return size() > MAX_TEXTS;
        }
    };

    /** What is known of a text. */
    enum Kind {
        /** It has to pass first. */
        NEW,
        /** A {@code SELECT} or {@code VALUES} that has never written so far; what it calls might do so another time. */
        READS,
        WRITES
    }

    synchronized Kind kindOf(String sql) {
        return passed.getOrDefault(sql, Kind.NEW);
    }

    /** After it has passed, or has turned out to write after all. */
    synchronized void remember(String sql, Kind kind) {
        if (sql.length() <= MAX_REMEMBERED_LENGTH) {
            passed.put(sql, kind);
        }
    }
}
