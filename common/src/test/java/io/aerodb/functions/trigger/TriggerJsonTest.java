package io.aerodb.functions.trigger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.trigger.ScheduleTrigger.Misfire;
import io.aerodb.functions.trigger.ScheduleTrigger.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TriggerJsonTest {

    private static final ScheduleTrigger FULL = new ScheduleTrigger("0 2 * * *", ZoneId.of("Europe/Paris"), Misfire.ALL, Duration.ofSeconds(5), Overlap.SKIP,
            Instant.parse("2026-01-31T07:00:00Z"), Instant.parse("2027-01-31T07:00:00Z"), Duration.ofSeconds(30));

    @Test
    void readsEveryMemberOfASchedule() {
        assertEquals(List.of(FULL), TriggerJson.parse(config("""
                {"triggers": [{"type": "schedule", "cron": "0  2 * * * ", "timezone": "Europe/Paris", "misfire": "all", "misfire_tolerance_ms": 5000,
                "overlap": "skip", "start": "2026-01-31T08:00:00+01:00", "end": "2027-01-31T07:00:00Z", "jitter_ms": 30000}]}""")));
    }

    @Test
    void givesDefaultsForWhatIsLeftOut() {
        assertEquals(List.of(), TriggerJson.parse(config("{}")));
        assertEquals(List.of(new ScheduleTrigger("@hourly", ZoneId.of("UTC"), Misfire.LATEST, Duration.ofMinutes(1), Overlap.ALLOW, null, null, Duration.ZERO)),
                TriggerJson.parse(config("{\"triggers\": [{\"type\": \"schedule\", \"cron\": \"@hourly\"}]}")));
    }

    @Test
    void survivesTheRegistry() {
        assertEquals(Optional.of(FULL), TriggerJson.read(TriggerJson.write(FULL)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"type\": \"moon\", \"phase\": {\"full\": true, \"days\": [1, 2.5, null]}}",
        "{\"phase\": null}",
        "{\"type\": \"schedule\", \"cron\": \"* * * * *\", \"misfire\": \"sometimes\"}",
        "{\"type\": \"schedule\", \"cron\": \"* * * * *\", \"timezone\": \"Mars/Base\"}",
        "{\"type\": \"schedule\", \"cron\": \"* * * * *\", \"colour\": \"red\"}",
        "{\"type\": \"database\", \"table\": \"public.orders\", \"operations\": [\"truncate\"]}",
    })
    void keepsWordForWordWhatOnlyNewerServicesUnderstand(String definition) throws JsonProcessingException {
        var read = TriggerJson.read(config("{\"triggers\": [%s, 7, %s]}".formatted(definition, TriggerJson.write(FULL))));
        assertEquals(FULL, read.getLast());
        var kept = assertInstanceOf(KeptTrigger.class, read.getFirst());
        assertEquals(2, read.size());
        var json = new JsonMapper();
        assertEquals(json.readTree(definition), json.readTree(TriggerJson.write(kept)));
        assertEquals(json.readTree(definition), json.valueToTree(TriggerJson.shown(kept)));
        assertEquals(json.readTree(definition).path("type").asText("unknown"), kept.type());
        assertEquals(Optional.empty(), TriggerJson.read(definition));
        assertThrows(InvalidFunctionException.class, () -> TriggerJson.parse(config("{\"triggers\": [" + definition + "]}")), "an author cannot write it");
    }

    @Test
    void namesWhatItKeepsAsTheNewerServiceDoes() {
        var function = new UUID(1, 2);
        var understood = TriggerJson.shown(FULL);
        assertEquals(FULL.id(function), new KeptTrigger(understood).id(function));
        var otherOrder = new TreeMap<>(understood);
        assertEquals(FULL.id(function), new KeptTrigger(otherOrder).id(function));
        assertEquals(new KeptTrigger(understood), new KeptTrigger(otherOrder));
    }

    @Test
    void namesATriggerByItsFunctionAndWhatItSays() {
        var function = new UUID(1, 2);
        var same = TriggerJson.parse(config("{\"triggers\": [{\"timezone\": \"UTC\", \"cron\": \"0 * * * *\", \"type\": \"schedule\", \"misfire\": \"latest\"}]}")).getFirst();
        var shorter = TriggerJson.parse(config("{\"triggers\": [{\"type\": \"schedule\", \"cron\": \"0 * * * *\"}]}")).getFirst();
        assertEquals(same.id(function), shorter.id(function));
        assertNotEquals(same.id(function), same.id(new UUID(1, 3)));
        assertNotEquals(same.id(function), FULL.id(function));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{}                                             | config.triggers must be an array of at most 20 objects",
        "[7]                                            | config.triggers[0] must be an object",
        "[{}]                                           | config.triggers[0].type is missing",
        "[{\"type\": 7}]                                | config.triggers[0].type must be text",
        "[{\"type\": \"moon\"}]                         | config.triggers[0].type is 'moon', known are database, schedule, webhook",
        "[{\"type\": \"http\"}]                         | config.triggers[0].type is 'http', known are database, schedule, webhook",
        "[{\"type\": \"schedule\"}]                     | config.triggers[0].cron is missing",
        "[{\"type\": \"schedule\", \"cron\": \"@hourly\", \"zone\": 1}] | config.triggers[0] has an unknown member 'zone'",
        "[{\"type\": \"schedule\", \"cron\": \"@hourly\"}, {\"type\": \"schedule\", \"cron\": \"@hourly\"}] | config.triggers[1] is the same as config.triggers[0]",
        "[{\"type\": \"schedule\", \"cron\": \"0 24 * * *\"}] | config.triggers[0].cron has '24' as hour: use 0 to 23",
        "[{\"type\": \"schedule\", \"cron\": \"0 0 30 2 *\"}] | config.triggers[0].cron is '0 0 30 2 *', which never fires",
        "[{\"type\": \"schedule\", \"cron\": \"@yearly\", \"start\": \"2026-02-01T00:00:00Z\", \"end\": \"2026-03-01T00:00:00Z\"}] | config.triggers[0].cron is '@yearly', which never fires between start and end",
        "[{\"type\": \"schedule\", \"cron\": \"@daily\", \"timezone\": \"Mars/Base\"}] | config.triggers[0].timezone is 'Mars/Base', which is no IANA time zone",
        "[{\"type\": \"schedule\", \"cron\": \"@daily\", \"timezone\": \"+02:00\"}] | config.triggers[0].timezone is '+02:00'",
        "[{\"type\": \"schedule\", \"cron\": \"@daily\", \"misfire\": \"some\"}] | config.triggers[0].misfire is 'some', known are all, latest, none",
        "[{\"type\": \"schedule\", \"cron\": \"@daily\", \"overlap\": \"wait\"}] | config.triggers[0].overlap is 'wait', known are allow, queue, skip",
        "[{\"type\": \"schedule\", \"cron\": \"@daily\", \"start\": \"tomorrow\"}] | config.triggers[0].start must be a time with its offset",
        "[{\"type\": \"schedule\", \"cron\": \"@daily\", \"jitter_ms\": 3600001}] | config.triggers[0].jitter_ms must be an integer from 0 to 3600000",
        "[{\"type\": \"schedule\", \"cron\": \"@daily\", \"misfire_tolerance_ms\": 999}] | config.triggers[0].misfire_tolerance_ms must be an integer from 1000 to 86400000",
    })
    void namesWhatIsWrong(String triggers, String message) {
        var refusal = assertThrows(InvalidFunctionException.class, () -> TriggerJson.parse(config("{\"triggers\": " + triggers + "}")));
        assertEquals("invalid_trigger", refusal.code());
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }

    @Test
    void refusesTooMany() {
        var many = new StringBuilder();
        for (var i = 0; i <= TriggerJson.MAX_TRIGGERS; i++) {
            many.append(i == 0 ? "" : ",").append("{\"type\": \"schedule\", \"cron\": \"").append(i).append(" * * * *\"}");
        }
        assertThrows(InvalidFunctionException.class, () -> TriggerJson.parse(config("{\"triggers\": [" + many + "]}")));
    }

    private static ObjectNode config(String json) {
        try {
            return (ObjectNode) new JsonMapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
