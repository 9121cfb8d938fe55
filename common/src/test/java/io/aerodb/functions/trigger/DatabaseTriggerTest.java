package io.aerodb.functions.trigger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.function.RunAs;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseTriggerTest {

    @Test
    void isReadWithItsDefaultsAndWrittenBack() {
        var trigger = parse("'table': 'orders', 'operations': ['insert']");
        assertEquals(new TableName("public", "orders"), trigger.table());
        assertEquals(RunAs.CALLER, trigger.runAs());
        assertEquals(DatabaseTrigger.Ordering.KEY, trigger.ordering());
        assertFalse(trigger.needsOldRow());
        var full = parse("'table': 'shop.Orders', 'operations': ['delete', 'update'], 'columns': ['a', 'b', 'a'], 'when': 'new.a > 1', 'run_as': 'service_role', 'ordering': 'none'");
        assertTrue(full.needsOldRow());
        assertEquals(List.of("a", "b"), full.columns());
        assertEquals(Optional.of(full), TriggerJson.read(TriggerJson.write(full)));
        assertEquals(TriggerJson.write(parse("'table': 'public.orders', 'operations': ['insert', 'insert']")), TriggerJson.write(trigger), "the same trigger, and the same id");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "'operations': ['insert'] | config.triggers[0].table is missing",
        "'table': 'a.b.c', 'operations': ['insert'] | config.triggers[0].table is 'a.b.c': write it as schema.table",
        "'table': 'orders' | config.triggers[0].operations is missing: name some of delete, insert, update",
        "'table': 'orders', 'operations': [] | config.triggers[0].operations is empty",
        "'table': 'orders', 'operations': ['read'] | config.triggers[0].operations has 'read', known are delete, insert, update",
        "'table': 'orders', 'operations': ['insert'], 'columns': ['a'] | config.triggers[0].columns says which updates count, but operations has no update",
        "'table': 'orders', 'operations': ['insert'], 'when': 'new.a >' | config.triggers[0].when is no condition over the columns of old and new",
        "'table': 'orders', 'operations': ['insert'], 'run_as': 'root' | config.triggers[0].run_as is 'root', known are caller, service_role",
        "'table': 'orders', 'operations': ['insert'], 'ordering': 'some' | config.triggers[0].ordering is 'some', known are key, none",
        "'table': 'orders', 'operations': ['insert'], 'cron': '@daily' | config.triggers[0] has an unknown member 'cron'",
    })
    void namesWhatIsWrong(String members, String message) {
        var refusal = assertThrows(InvalidFunctionException.class, () -> parse(members));
        assertEquals("invalid_trigger", refusal.code());
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }

    private static DatabaseTrigger parse(String members) {
        try {
            var config = new JsonMapper().readTree("{\"triggers\": [{\"type\": \"database\", " + members.replace('\'', '"') + "}]}");
            return (DatabaseTrigger) TriggerJson.parse((ObjectNode) config).getFirst();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
