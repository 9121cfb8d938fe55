package io.aerodb.functions.trigger;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.trigger.RowCondition.ColumnType;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowConditionTest {

    private static final Map<String, ColumnType> ORDERS = Map.of(
            "id", ColumnType.INTEGER,
            "total", ColumnType.NUMBER,
            "paid", ColumnType.BOOLEAN,
            "status", ColumnType.TEXT,
            "tags", ColumnType.ARRAY,
            "extra", ColumnType.DOCUMENT);

    private final Map<String, @Nullable Object> before = row("status", "new", "total", 50.0);
    private final Map<String, @Nullable Object> after = row("status", "paid", "total", 150.5);

    @Test
    void comparesTheRowBeforeAndAfter() {
        assertTrue(holds("new.total > 100 && old.status != new.status"));
        assertFalse(holds("new.total > 200 && old.status != new.status"));
        assertTrue(holds("new.status in ['paid', 'shipped'] and old.total < new.total"));
    }

    @Test
    void takesTheSpellingOfSql() {
        assertTrue(holds("new.total > 100 and old.status <> new.status"));
        assertTrue(holds("not (new.total < 100) OR old.status == 'x and y'"));
        assertTrue(holds("new.name == 'this and that <> or not'", null, row("name", "this and that <> or not")));
        assertTrue(holds("new.not == 1", null, row("not", 1L)), "a column may have such a name");
    }

    @Test
    void comparesWholeNumbersWithOthers() {
        assertTrue(holds("new.id > 1.5 && new.id >= 2", null, row("id", 2L)));
    }

    @Test
    void doesNotHoldWhereItCannotBeTold() {
        assertFalse(holds("new.total > 100", null, row("total", null)));
        assertFalse(holds("new.gone > 100", null, after));
        assertFalse(holds("old.total > 1", null, after));
    }

    @Test
    void tellsAMissingRowAndAMissingValue() {
        assertTrue(holds("old == null || old.total < 100", null, after));
        assertTrue(holds("new.total == null", null, row("total", null)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"new.total > 100 and old.status <> new.status", "new.total == null", "old == null || old.paid",
        "new.id > 1.5", "'vip' in new.tags", "new.extra.level > 3", "new.status.startsWith('a')", "size(new.tags) > 0"})
    void fitsTheColumns(String condition) {
        assertDoesNotThrow(() -> RowCondition.check(condition, ORDERS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"new.totel > 100", "new.status > 100", "new.paid + 1 == 2", "new.total", "now() > 1", "new.total >", "other.total > 1", ""})
    void refusesWhatDoesNotFitTheColumns(String condition) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> RowCondition.check(condition, ORDERS));
        assertTrue(refusal.getMessage().startsWith("is no condition over the columns of old and new: "), refusal.getMessage());
    }

    @Test
    void namesTheColumnThatIsNotThere() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> RowCondition.check("new.totel > 100", ORDERS));
        assertEquals("is no condition over the columns of old and new: undefined field 'totel'", refusal.getMessage());
    }

    private boolean holds(String condition) {
        return holds(condition, before, after);
    }

    private static boolean holds(String condition, @Nullable Map<String, @Nullable Object> before, @Nullable Map<String, @Nullable Object> after) {
        return RowCondition.untyped(condition).holds(new RowCondition.Rows(before, after));
    }

    private static Map<String, @Nullable Object> row(@Nullable Object... namesAndValues) {
        var row = new HashMap<String, @Nullable Object>();
        for (var i = 0; i < namesAndValues.length; i += 2) {
            row.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return row;
    }
}
