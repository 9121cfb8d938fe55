package io.aerodb.functions.worker.database;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The guests' statements that one session keeps prepared, the most recently used ones. Not thread-safe. */
final class PreparedTexts {

    private static final int MAX_TEXTS = 50;
    private static final int MAX_LENGTH = 8 << 10;

    private final LinkedHashMap<String, Prepared> byText = new LinkedHashMap<>(16, 0.75f, true);
    private final List<String> evicted = new ArrayList<>();
    private int lastNumber;

    /**
     * @param parameterTypes what the server inferred; null where nobody has asked
     * @param columns of its answer; null where it is not known yet. The server refuses to run a statement whose columns have changed
     */
    record Prepared(String name, @Nullable List<JsonType> parameterTypes, @Nullable Columns columns) {}

    Optional<Prepared> find(String sql) {
        return Optional.ofNullable(byText.get(sql));
    }

    String newName() {
        return "aerodb_guest_" + ++lastNumber;
    }

    void keep(String sql, Prepared prepared) {
        if (sql.length() > MAX_LENGTH) {
            evicted.add(prepared.name());
            return;
        }
        byText.put(sql, prepared);
        if (byText.size() > MAX_TEXTS) {
            evicted.add(byText.pollFirstEntry().getValue().name());
        }
    }

    void forget(String sql) {
        var forgotten = byText.remove(sql);
        if (forgotten != null) {
            evicted.add(forgotten.name());
        }
    }

    /** A statement that was prepared for one run only. */
    void drop(String name) {
        evicted.add(name);
    }

    /** Takes the names that are no longer needed: the server still has them. */
    List<String> evicted() {
        var names = List.copyOf(evicted);
        evicted.clear();
        return names;
    }

    /** After the server has forgotten all of them. */
    void clear() {
        byText.clear();
        evicted.clear();
    }
}
