package io.aerodb.functions.worker.redaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.LogLine.Level;
import io.aerodb.functions.invocation.Outcome;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactorTest {

    private static final String MARK = "***REDACTED***";
    private static final String SECRET = "hunter2-Grüße/\"x\"+&~ 1";
    private static final Redactor REDACTOR = Redactor.of(List.of(SECRET));

    @ParameterizedTest
    @MethodSource("writings")
    void hidesAValueHoweverItIsWritten(String way, String written) {
        assertEquals("before " + MARK + " after", REDACTOR.redact("before " + written + " after"), way);
        assertEquals(MARK, REDACTOR.redact(written), way);
    }

    static Stream<Arguments> writings() {
        var form = URLEncoder.encode(SECRET, StandardCharsets.UTF_8);
        var bytes = SECRET.getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                Arguments.of("plain", SECRET),
                Arguments.of("JSON", "hunter2-Grüße/\\\"x\\\"+&~ 1"),
                Arguments.of("JSON with escaped slashes", "hunter2-Grüße\\/\\\"x\\\"+&~ 1"),
                Arguments.of("JSON in ASCII", "hunter2-Gr\\u00fc\\u00dfe/\\\"x\\\"+&~ 1"),
                Arguments.of("form", form),
                Arguments.of("URL", form.replace("+", "%20")),
                Arguments.of("URL in small letters", form.replace("+", "%20").replaceAll("%C3%BC%C3%9F", "%c3%bc%c3%9f").replace("%2F", "%2f")
                        .replace("%2B", "%2b").replace("%7E", "%7e")),
                Arguments.of("encodeURIComponent", form.replace("+", "%20").replace("%7E", "~")),
                Arguments.of("hexadecimal", HexFormat.of().formatHex(bytes)),
                Arguments.of("HEXADECIMAL", HexFormat.of().withUpperCase().formatHex(bytes)),
                Arguments.of("base64 without padding", Base64.getEncoder().withoutPadding().encodeToString(bytes)),
                Arguments.of("base64url without padding", Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2", "2,0", "2,1", "2,2", "5,30", "100,7"})
    void hidesAValueWithinALongerTextInBase64(int before, int after) {
        for (var secret : List.of("abcd", "abcde", "abcdef", "correct horse battery", SECRET)) {
            var text = "<".repeat(before) + secret + ">".repeat(after);
            for (var encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
                var shown = Redactor.of(List.of(secret)).redact(encoder.encodeToString(text.getBytes(StandardCharsets.UTF_8)));
                assertTrue(shown.contains(MARK), shown);
                var left = shown.replace(MARK, "").replace("=", "");
                var kept = Math.max(0, before - before % 3) / 3 * 4 + Math.max(0, after) / 3 * 4 + 8;
                assertTrue(left.length() <= kept, () -> secret + " " + before + " " + after + ": " + shown);
            }
        }
    }

    @Test
    void hidesAValueInBasicCredentials() {
        var header = "Basic " + Base64.getEncoder().encodeToString("user:correct horse battery".getBytes(StandardCharsets.UTF_8));
        var shown = Redactor.of(List.of("correct horse battery")).redact(header);
        assertTrue(shown.startsWith("Basic dXNlcj") && shown.endsWith(MARK + "="), shown);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 12, 21})
    void hidesAValueThatGoesOnInTheNextCall(int at) {
        assertEquals(List.of("a " + MARK, MARK + " b"), redact("a " + SECRET.substring(0, at), SECRET.substring(at) + " b"));
    }

    @Test
    void hidesBase64ThatGoesOnInTheNextCall() {
        var written = Base64.getEncoder().withoutPadding().encodeToString(SECRET.getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("a " + MARK, MARK + " b"), redact("a " + written.substring(0, 9), written.substring(9) + " b"));
    }

    @Test
    void hidesAValueThatIsPrintedInManyPieces() {
        var pieces = SECRET.chars().mapToObj(Character::toString).toArray(String[]::new);
        var shown = redact(pieces);
        assertEquals(SECRET.length(), shown.size());
        shown.forEach(line -> assertEquals(MARK, line));
    }

    @Test
    void hidesPiecesThatEndWithLineFeeds() {
        assertEquals(List.of("a " + MARK, MARK + "b\n"), redact("a hunter2-\n", "  Grüße/\"x\"+&~ 1b\n").stream()
                .map(line -> line.replace(MARK + "\n", MARK)).toList());
    }

    @Test
    void looksBeyondEmptyLines() {
        assertEquals(List.of(MARK, "", MARK), redact("hunter2-Gr", "", "üße/\"x\"+&~ 1"));
    }

    @Test
    void hidesTheBeginningOfAValueWhereTheLogIsCut() {
        var cut = List.of(line("all is well"), line("key: hunter2-Gr"));
        assertEquals("key: " + MARK, REDACTOR.redact(cut, true).getLast().message());
        assertSame(cut, REDACTOR.redact(cut, false), "a whole log says no more than its function wanted to");
        var base64 = Base64.getEncoder().encodeToString(("key=" + SECRET).getBytes(StandardCharsets.UTF_8)).substring(0, 20);
        var shown = REDACTOR.redact(List.of(line(base64)), true).getFirst().message();
        assertTrue(shown.endsWith(MARK) && shown.length() < base64.length() + 4, shown);
    }

    @Test
    void hidesTheStrippedValueOfAFileThatEndsWithALineFeed() {
        var redactor = Redactor.of(List.of("from-a-file\n"));
        assertEquals("got " + MARK + "!", redactor.redact("got from-a-file!"));
    }

    @Test
    void hidesTheLinesOfAKeyThatIsPrintedLineByLine() {
        var redactor = Redactor.of(List.of("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhk\nAoIBAQC7VJTUt9Us8c\n-----END KEY-----\n"));
        assertEquals(MARK, redactor.redact("AoIBAQC7VJTUt9Us8c"));
        assertEquals("{\"key\":\"" + MARK + "\"}", redactor.redact(
                "{\"key\":\"-----BEGIN KEY-----\\nMIIEvQIBADANBgkqhk\\nAoIBAQC7VJTUt9Us8c\\n-----END KEY-----\"}"));
    }

    @Test
    void hidesOverlappingAndRepeatedValues() {
        var redactor = Redactor.of(List.of("abcdef", "defghi", "abcd"));
        assertEquals("1" + MARK + "2", redactor.redact("1abcdefghi2"));
        assertEquals("1" + MARK + "2", redactor.redact("1abcdabcd2"));
        assertEquals("1" + MARK + "-" + MARK, redactor.redact("1abcd-abcdef"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "abc", "true", "False", "null", "   \n "})
    void leavesValuesThatAreInEveryLog(String value) {
        assertSame(Redactor.NONE, Redactor.of(List.of(value)));
    }

    @Test
    void leavesOtherTextAlone() {
        var lines = List.of(line("hunter"), line("2 of 3"), line("nothing to see"));
        assertSame(lines, REDACTOR.redact(lines, false));
        assertEquals("hunter2-Gruesse", REDACTOR.redact("hunter2-Gruesse"));
    }

    @Test
    void hidesValuesInMessagesAndLeavesTheOutput() {
        var output = SECRET.getBytes(StandardCharsets.UTF_8);
        var failed = new Outcome.Failed(Outcome.Failure.FUNCTION_ERROR, "cannot use " + SECRET, output);
        var shown = REDACTOR.redact(new Execution(failed, Duration.ofMillis(1), 7, List.of(line("with " + SECRET)), false));
        assertEquals("cannot use " + MARK, shown.outcome().message());
        assertSame(output, shown.outcome().output());
        assertEquals("with " + MARK, shown.log().getFirst().message());
        assertEquals(7, shown.memoryPeakBytes());
    }

    @Test
    void findsWhatASimpleSearchFinds() {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++) {
            var secret = letters(random, 4 + random.nextInt(12));
            var text = letters(random, random.nextInt(80));
            var expected = new boolean[text.length()];
            for (var at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
                Arrays.fill(expected, at, at + secret.length(), true);
            }
            var shown = Redactor.of(List.of(secret)).redact(text);
            var visible = new StringBuilder();
            IntStream.range(0, text.length()).filter(i -> !expected[i]).forEach(i -> visible.append(text.charAt(i)));
            assertEquals(visible.toString(), shown.replace(MARK, ""), () -> secret + " in " + text);
        }
    }

    @Test
    void showsNothingOfItself() {
        assertFalse(REDACTOR.toString().contains("hunter"));
    }

    private static String letters(Random random, int length) {
        return random.ints(length, 'a', 'c').collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static List<String> redact(String... messages) {
        return REDACTOR.redact(Stream.of(messages).map(RedactorTest::line).toList(), false).stream().map(LogLine::message).toList();
    }

    private static LogLine line(String message) {
        return new LogLine(Level.INFO, 0, message);
    }
}
