package io.aerodb.functions.system.fuzz;

import static org.quicktheories.generators.Generate.oneOf;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.strings;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.launcher.DevelopmentTokens;
import io.aerodb.functions.system.Api;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.quicktheories.core.Gen;

/** Names, tokens and other texts, from proper ones to nonsense. */
final class Texts {

    private Texts() {}

    /** Mostly of the first kind. */
    static <T> Gen<T> mostly(Gen<T> usual, Gen<T> rare) {
        return oneOf(usual, usual, usual, usual, rare);
    }

    static Gen<String> any(int longest) {
        return oneOf(
                strings().basicLatinAlphabet().ofLengthBetween(0, longest),
                strings().betweenCodePoints(0x80, 0xff).ofLengthBetween(0, longest),
                strings().basicMultilingualPlaneAlphabet().ofLengthBetween(0, longest).map(Texts::asBytes),
                strings().ascii().ofLengthBetween(0, longest));
    }

    /** One character for each byte of its UTF-8. */
    static String asBytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    static Gen<String> functionName() {
        return oneOf(
                pick(List.of("fuzz-a", "fuzz-b", "fuzz-c", "fuzz-d")),
                strings().betweenCodePoints('a', 'z').ofLengthBetween(1, 70),
                pick(List.of("", "A", "1", "-", "deploy", "invoke", "invocations", "health", "..", "a/b", "a%2fb", "a%00", "fuzz_a", "é")),
                any(80));
    }

    /** Good for as long as any run takes. */
    static String token(Role role) {
        return new DevelopmentTokens(Api.JWT_SECRET).token(role, "user-7", Duration.ofDays(1));
    }

    /** The header that says who calls, or none. */
    static Gen<List<String>> caller(Role usual) {
        var valid = "Authorization: Bearer " + token(usual);
        var refused = new ArrayList<List<String>>(List.of(
                List.of(), List.of("Authorization: Bearer"), List.of("Authorization: Basic dTpw"), List.of("Authorization: Bearer a.b.c"),
                List.of(valid + "x"), List.of(valid, valid), List.of("Authorization: Bearer " + "e".repeat(9000))));
        return oneOf(mostly(pick(List.of(List.of(valid))), pick(refused)),
                mostly(pick(List.of(List.of(valid))), Mutations.ofText(pick(List.of(valid))).map(header -> List.of(header))));
    }
}
