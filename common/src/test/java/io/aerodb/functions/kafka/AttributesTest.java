package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttributesTest {

    @Test
    void carriesWhatEveryEventNeeds() {
        assertEquals(Set.of("ce_specversion", "ce_type", "ce_source", "ce_id", "ce_time"), event().values().keySet());
    }

    @Test
    void bringsEveryKindOfValueBack() throws UnreadableRecordException {
        var headers = new RecordHeaders();
        event().put("text", "zoë 😀").put("empty", "").put("number", Long.MIN_VALUE).put("raw", new byte[] {0, (byte) 0xff})
                .contentType("application/json").writeTo(headers);
        var attributes = Attributes.from(headers);
        assertEquals("zoë 😀", attributes.text("text"));
        assertEquals("", attributes.text("empty"));
        assertEquals(Long.MIN_VALUE, attributes.number("number"));
        assertArrayEquals(new byte[] {0, (byte) 0xff}, attributes.bytes("raw").orElseThrow());
        assertEquals(Instant.EPOCH, Instant.parse(attributes.text("time")));
        assertTrue(attributes.values().containsKey("content-type"));
    }

    @Test
    void passesOverHeadersThatAreNoAttributes() throws UnreadableRecordException {
        var headers = headers();
        headers.add("x-other", bytes("1")).add("x-other", bytes("2")).add("CE_TYPE", bytes("3")).add("ce_nothing", null);
        var attributes = Attributes.from(headers);
        assertEquals("type", attributes.text("type"));
        assertEquals(Optional.empty(), attributes.bytes("nothing"));
        assertEquals(event().values().keySet(), attributes.values().keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce_type", "ce_specversion", "content-type"})
    void refusesAnAttributeThatStandsTwice(String name) {
        var headers = new RecordHeaders();
        event().contentType("text/plain").writeTo(headers);
        headers.add(name, headers.lastHeader(name).value());
        assertTrue(unreadable(() -> Attributes.from(headers)).contains(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.3", "1", "1.0 ", "2.0", ""})
    void refusesAnotherVersionOfCloudEvents(String version) {
        var headers = headers();
        headers.remove("ce_specversion").add("ce_specversion", bytes(version));
        assertEquals("not a CloudEvent of version 1.0", unreadable(() -> Attributes.from(headers)));
    }

    @Test
    void refusesARecordThatIsNoEvent() {
        assertTrue(unreadable(() -> Attributes.from(new RecordHeaders())).contains("specversion"));
    }

    @Test
    void namesTheAttributeThatIsMissing() {
        assertTrue(unreadable(() -> event().text("user")).contains("user"));
        assertTrue(unreadable(() -> event().number("deadline")).contains("deadline"));
        assertTrue(unreadable(() -> event().uuid("functionid")).contains("functionid"));
        assertEquals(Optional.empty(), event().optionalText("user"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " 1", "1.0", "0x1", "one", "9223372036854775808"})
    void refusesANumberThatIsNone(String text) {
        var reason = unreadable(() -> event().put("n", text).number("n"));
        assertEquals("attribute n is not a number", reason);
    }

    @Test
    void refusesAnIntegerOutOfItsRange() throws UnreadableRecordException {
        assertEquals(Integer.MAX_VALUE, event().put("n", Integer.MAX_VALUE).integer("n"));
        assertEquals(Integer.MIN_VALUE, event().put("n", Integer.MIN_VALUE).integer("n"));
        assertEquals("attribute n is out of range", unreadable(() -> event().put("n", Integer.MAX_VALUE + 1L).integer("n")));
        assertEquals("attribute n is out of range", unreadable(() -> event().put("n", 1L << 32).integer("n")));
    }

    @Test
    void refusesAUuidThatIsNone() throws UnreadableRecordException {
        var id = new UUID(1, 2);
        assertEquals(id, event().put("u", id.toString()).uuid("u"));
        assertFalse(unreadable(() -> event().put("u", "private text").uuid("u")).contains("private text"));
    }

    private static Attributes event() {
        return Attributes.event("type", "/source", "id", Instant.EPOCH);
    }

    private static RecordHeaders headers() {
        var headers = new RecordHeaders();
        event().writeTo(headers);
        return headers;
    }

    private static String unreadable(Executable reading) {
        return assertThrows(UnreadableRecordException.class, reading).getMessage();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
