package io.aerodb.functions.trigger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.trigger.WebhookScheme.GitHub;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256.Encoding;
import io.aerodb.functions.trigger.WebhookScheme.Standard;
import io.aerodb.functions.trigger.WebhookScheme.Stripe;
import io.aerodb.functions.trigger.WebhookTrigger.RunAs;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookTriggerTest {

    private static final List<Trigger> ALL = List.of(
            new WebhookTrigger(new Standard(Duration.ofMinutes(5)), "KEY", RunAs.ANON),
            new WebhookTrigger(new Stripe(Duration.ofMinutes(1)), "STRIPE", RunAs.SERVICE),
            new WebhookTrigger(new GitHub(), "_gh2", RunAs.ANON),
            new WebhookTrigger(new HmacSha256("x-shop-hmac", Encoding.BASE64, "v1=", "x-shop-id"), "SHOP", RunAs.ANON));

    @Test
    void readsEveryMemberOfEveryScheme() {
        assertEquals(ALL, parse("""
                [{"type": "webhook", "scheme": "standard", "secret": "KEY"},
                {"type": "webhook", "scheme": "stripe", "secret": "STRIPE", "tolerance_ms": 60000, "run_as": "service_role"},
                {"type": "webhook", "scheme": "github", "secret": "_gh2", "run_as": "anon"},
                {"type": "webhook", "scheme": "hmac-sha256", "secret": "SHOP", "header": "X-Shop-Hmac", "encoding": "base64", "prefix": "v1=", "id_header": "X-Shop-Id"}]"""));
        assertEquals(List.of(new WebhookTrigger(new HmacSha256("x-sign", Encoding.HEX, "", null), "K", RunAs.ANON)),
                parse("[{\"type\": \"webhook\", \"scheme\": \"hmac-sha256\", \"secret\": \"K\", \"header\": \"x-sign\"}]"));
    }

    @Test
    void survivesTheRegistry() {
        for (var trigger : ALL) {
            assertEquals(Optional.of(trigger), TriggerJson.read(TriggerJson.write(trigger)));
        }
    }

    @Test
    void allowsFourOfAFunction() {
        assertEquals(4, parse(several(4)).size());
        assertTrue(refusal(several(5)).contains("config.triggers has more than 4 triggers of the type webhook"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "\"secret\": \"K\"                                                     | .scheme is missing",
        "\"scheme\": \"gitlab\", \"secret\": \"K\"                             | .scheme is 'gitlab', known are github, hmac-sha256, standard, stripe",
        "\"scheme\": \"github\"                                                | .secret is missing",
        "\"scheme\": \"github\", \"secret\": \"whsec-1\"                       | .secret must be the key of a secret of the function, not its value",
        "\"scheme\": \"github\", \"secret\": \"K\", \"tolerance_ms\": 1000     | .tolerance_ms has no meaning here",
        "\"scheme\": \"standard\", \"secret\": \"K\", \"tolerance_ms\": 999    | .tolerance_ms must be an integer from 1000 to 86400000",
        "\"scheme\": \"standard\", \"secret\": \"K\", \"header\": \"x\"        | has an unknown member 'header'",
        "\"scheme\": \"standard\", \"secret\": \"K\", \"run_as\": \"me\"       | .run_as is 'me', known are anon, service_role",
        "\"scheme\": \"hmac-sha256\", \"secret\": \"K\"                        | .header is missing: it names the header",
        "\"scheme\": \"hmac-sha256\", \"secret\": \"K\", \"header\": \"x y\"   | .header must be the name of a header",
        "\"scheme\": \"hmac-sha256\", \"secret\": \"K\", \"header\": \"x\", \"id_header\": \"ü\" | .id_header must be the name of a header",
        "\"scheme\": \"hmac-sha256\", \"secret\": \"K\", \"header\": \"x\", \"encoding\": \"base32\" | .encoding is 'base32', known are base64, hex",
    })
    void namesWhatIsWrong(String members, String message) {
        var refusal = refusal("[{\"type\": \"webhook\", " + members + "}]");
        assertTrue(refusal.startsWith("config.triggers[0]") && refusal.contains(message), refusal);
    }

    private static String several(int count) {
        return IntStream.range(0, count).mapToObj(i -> "{\"type\": \"webhook\", \"scheme\": \"github\", \"secret\": \"K" + i + "\"}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String refusal(String triggers) {
        var refusal = assertThrows(InvalidFunctionException.class, () -> parse(triggers));
        assertEquals("invalid_trigger", refusal.code());
        return refusal.getMessage();
    }

    private static List<Trigger> parse(String triggers) {
        try {
            return TriggerJson.parse((ObjectNode) new JsonMapper().readTree("{\"triggers\": " + triggers + "}"));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
