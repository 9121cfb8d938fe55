package io.aerodb.functions.gateway.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionSecret;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsCipher.Place;
import io.aerodb.functions.secret.SecretsKeys;
import io.aerodb.functions.trigger.Trigger;
import io.aerodb.functions.trigger.WebhookScheme.GitHub;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256.Encoding;
import io.aerodb.functions.trigger.WebhookScheme.Standard;
import io.aerodb.functions.trigger.WebhookTrigger;
import io.aerodb.functions.trigger.WebhookTrigger.RunAs;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WebhooksTest {

    private static final SecretsCipher CIPHER = cipher("s1");
    private static final UUID ID = new UUID(1, 2);
    private static final Instant NOW = Instant.ofEpochSecond(1614265330);
    private static final byte[] BODY = "Hello, World!".getBytes(StandardCharsets.UTF_8);
    private static final String SECRET = "It's a Secret to Everybody";
    private static final String SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    private static final Request SIGNED = request("x-hub-signature-256", SIGNATURE, "x-github-delivery", "d-1");
    private static final WebhookTrigger GITHUB = new WebhookTrigger(new GitHub(), "GITHUB", RunAs.SERVICE);
    private static final WebhookTrigger OTHER = new WebhookTrigger(new Standard(Duration.ofMinutes(5)), "OTHER", RunAs.ANON);

    private final Webhooks webhooks = new Webhooks(CIPHER);

    private record Request(SignedHeaders headers, byte[] body) {}

    @Test
    void triesOneSenderAfterTheOther() {
        var message = check(function(Map.of("GITHUB", SECRET), OTHER, GITHUB), SIGNED, NOW);
        assertEquals(GITHUB, message.trigger());
        assertEquals(5, message.invocation().value().version());
    }

    @Test
    void takesEachOfTheKeysInASecret() {
        for (var value : List.of(SECRET + "\n", "new key\n" + SECRET, "new key\r\n\r\n" + SECRET + "\r\n", "a\nb\nc\n" + SECRET)) {
            check(function(Map.of("GITHUB", value), GITHUB), SIGNED, NOW);
        }
        assertEquals(unsigned(), refusal(Map.of("GITHUB", "a\nb\nc\nd\n" + SECRET), GITHUB));
    }

    @Test
    void doesNotTellWhichSecretsAreThere() {
        assertEquals(unsigned(), refusal(Map.of(), GITHUB));
        assertEquals(unsigned(), refusal(Map.of("GITHUB", "another"), GITHUB));
        assertEquals(unsigned(), refusal(Map.of("GITHUB", "\n"), GITHUB));
        assertEquals(unsigned(), refusal(Map.of("OTHER", "no base64 *"), OTHER));
        assertEquals(unsigned(), refusal(Map.of("OTHER", SECRET), GITHUB));
    }

    @Test
    void tellsASenderThatItsTimeMayBeOff() {
        var function = function(Map.of("OTHER", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), GITHUB, OTHER);
        var headers = request("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp", "1614265330",
                "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=").headers();
        var request = new Request(headers, "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8));
        assertEquals(OTHER, check(function, request, NOW).trigger());
        assertEquals(unsigned(), assertThrows(ProblemException.class, () -> check(function, request, NOW.plusSeconds(301))).problem());
        assertTrue(unsigned().detail().contains("too far from now"), unsigned().detail());
    }

    @Test
    void refusesBeforeTheBodyIsThereWhatNoneOfTheSendersCanHaveSigned() {
        var function = function(Map.of("GITHUB", SECRET), GITHUB, OTHER);
        for (var hopeless : List.of(request(), request("x-github-delivery", "d-1"), request("x-hub-signature-256", "sha256=00"),
                request("x-hub-signature-256", "sha1=" + SIGNATURE.substring(7)), request("webhook-signature", "v1,AAAA"))) {
            assertEquals(unsigned(), assertThrows(ProblemException.class, () -> webhooks.possibleSenders(function, hopeless.headers(), NOW)).problem());
        }
        webhooks.possibleSenders(function, request("x-hub-signature-256", "sha256=" + "0".repeat(64)).headers(), NOW);
    }

    @Test
    void asksToTryAgainWhileKeysCannotBeRead() {
        var elsewhere = new Webhooks(cipher("s2"));
        assertThrows(UnavailableException.class, () -> check(elsewhere, function(Map.of("GITHUB", SECRET), GITHUB), SIGNED, NOW));
    }

    @Test
    void asksForTheIdOfASignedMessage() {
        var nameless = request("x-hub-signature-256", SIGNATURE);
        var function = function(Map.of("GITHUB", SECRET), GITHUB);
        assertEquals("invalid_request", assertThrows(ProblemException.class, () -> check(function, nameless, NOW)).problem().code());
    }

    @Test
    void namesTheInvocationByItsSenderAndMessage() {
        var plain = new WebhookTrigger(new HmacSha256("x-hub-signature-256", Encoding.HEX, "sha256=", "x-github-delivery"), "GITHUB", RunAs.ANON);
        var id = check(function(Map.of("GITHUB", SECRET), GITHUB), SIGNED, NOW).invocation();
        var changed = new WebhookTrigger(GITHUB.scheme(), "GITHUB", RunAs.ANON);
        assertEquals(id, check(function(Map.of("GITHUB", "new\n" + SECRET), OTHER, changed), SIGNED, NOW).invocation());
        assertNotEquals(id, check(function(Map.of("GITHUB", SECRET), plain), SIGNED, NOW).invocation());
        var next = request("x-hub-signature-256", SIGNATURE, "x-github-delivery", "d-2");
        assertNotEquals(id, check(function(Map.of("GITHUB", SECRET), GITHUB), next, NOW).invocation());
    }

    @Test
    void knowsWhichFunctionsTakeThem() {
        assertTrue(Webhooks.areTakenBy(function(Map.of(), GITHUB)));
        assertFalse(Webhooks.areTakenBy(function(Map.of())));
        assertEquals(Set.of("x-hub-signature", "x-hub-signature-256", "webhook-signature"), Webhooks.signatureHeaders(function(Map.of(), GITHUB, OTHER)));
    }

    private Problem refusal(Map<String, String> secrets, Trigger... triggers) {
        return assertThrows(ProblemException.class, () -> check(function(secrets, triggers), SIGNED, NOW)).problem();
    }

    private static Problem unsigned() {
        return PossibleSenders.refusal().problem();
    }

    private static DeployedFunction function(Map<String, String> secrets, Trigger... triggers) {
        var sealed = secrets.entrySet().stream()
                .map(secret -> new FunctionSecret(secret.getKey(), CIPHER.seal(new Place(Place.Kind.SECRET, ID, secret.getKey()), secret.getValue()), NOW))
                .toList();
        return new DeployedFunction(ID, new FunctionName("hook"), 1, ModuleHash.of(new byte[] {1}), 1, FunctionConfig.DEFAULT.withTriggers(List.of(triggers)),
                1, NOW, NOW, sealed);
    }

    private PossibleSenders.Message check(DeployedFunction function, Request request, Instant now) {
        return check(webhooks, function, request, now);
    }

    private static PossibleSenders.Message check(Webhooks webhooks, DeployedFunction function, Request request, Instant now) {
        return webhooks.possibleSenders(function, request.headers(), now).check(request.body());
    }

    private static Request request(String... namesAndValues) {
        var headers = MultiMap.caseInsensitiveMultiMap();
        for (var i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Request(new SignedHeaders(headers), BODY);
    }

    private static SecretsCipher cipher(String keyId) {
        return new SecretsCipher(SecretsKeys.parse(new Secret(keyId + ":MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")));
    }
}
