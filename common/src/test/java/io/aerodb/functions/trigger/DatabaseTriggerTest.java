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
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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

    @Test
    void tellsChangesTogetherWhereItSaysHowMany() {
        assertEquals(Batching.NONE, parse("'table': 'orders', 'operations': ['insert'], 'batch': {'size': 1}").batch());
        assertEquals(parse("'table': 'orders', 'operations': ['insert']"), parse("'table': 'orders', 'operations': ['insert'], 'batch': {'size': 1}"), "and keeps its id");
        assertEquals(new Batching(100, Duration.ofMillis(200), 1), parse("'table': 'orders', 'operations': ['insert'], 'batch': {'size': 100}").batch());
        var full = parse("'table': 'orders', 'operations': ['insert'], 'batch': {'size': 7, 'window_ms': 60000, 'groups': 64}");
        assertEquals(new Batching(7, Duration.ofMinutes(1), 64), full.batch());
        assertEquals(Optional.of(full), TriggerJson.read(TriggerJson.write(full)));
    }

    @Test
    void keepsOneBatchForTheTriggersOfATable() {
        var members = "'table': 'orders', 'batch': {'size': 5}, ";
        assertEquals(2, parseAll(members + "'operations': ['insert']", members + "'operations': ['update']").size());
        assertEquals(2, parseAll(members + "'operations': ['insert']", "'table': 'others', 'operations': ['update']").size());
        var refusal = assertThrows(InvalidFunctionException.class, () -> parseAll(members + "'operations': ['insert']", "'table': 'orders', 'operations': ['update']"));
        assertTrue(refusal.getMessage().startsWith("config.triggers[1] has another batch or ordering than config.triggers[0] on the same table"), refusal.getMessage());
        assertThrows(InvalidFunctionException.class, () -> parseAll(members + "'operations': ['insert']", members + "'operations': ['insert'], 'ordering': 'none'"));
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
        "'table': 'orders', 'operations': ['insert'], 'batch': 5 | config.triggers[0].batch must be an object",
        "'table': 'orders', 'operations': ['insert'], 'batch': {} | config.triggers[0].batch.size is missing",
        "'table': 'orders', 'operations': ['insert'], 'batch': {'size': 101} | config.triggers[0].batch.size must be an integer from 1 to 100",
        "'table': 'orders', 'operations': ['insert'], 'batch': {'size': 0} | config.triggers[0].batch.size must be an integer from 1 to 100",
        "'table': 'orders', 'operations': ['insert'], 'batch': {'size': 5, 'window_ms': 9} | config.triggers[0].batch.window_ms must be an integer from 10 to 60000",
        "'table': 'orders', 'operations': ['insert'], 'batch': {'size': 5, 'groups': 65} | config.triggers[0].batch.groups must be an integer from 1 to 64",
        "'table': 'orders', 'operations': ['insert'], 'batch': {'size': 1, 'window_ms': 100} | config.triggers[0].batch.window_ms says how changes are gathered",
        "'table': 'orders', 'operations': ['insert'], 'batch': {'size': 5, 'wait': 1} | config.triggers[0].batch has an unknown member 'wait'",
        "'table': 'orders', 'operations': ['insert'], 'cron': '@daily' | config.triggers[0] has an unknown member 'cron'",
    })
    void namesWhatIsWrong(String members, String message) {
        var refusal = assertThrows(InvalidFunctionException.class, () -> parse(members));
        assertEquals("invalid_trigger", refusal.code());
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }

    private static DatabaseTrigger parse(String members) {
        return (DatabaseTrigger) parseAll(members).getFirst();
    }

    private static List<Trigger> parseAll(String... triggers) {
        try {
            var all = Arrays.stream(triggers).map(members -> "{\"type\": \"database\", " + members.replace('\'', '"') + "}").collect(Collectors.joining(","));
            return TriggerJson.parse((ObjectNode) new JsonMapper().readTree("{\"triggers\": [" + all + "]}"));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
