package io.aerodb.functions.gateway.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.aerodb.functions.gateway.webhook.Signature.Finding;
import io.aerodb.functions.trigger.WebhookScheme;
import io.aerodb.functions.trigger.WebhookScheme.GitHub;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256.Encoding;
import io.aerodb.functions.trigger.WebhookScheme.Standard;
import io.aerodb.functions.trigger.WebhookScheme.Stripe;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With the examples of the schemes' own documents, and signatures that openssl made. */
class SignatureTest {

    private static final Duration TOLERANCE = Duration.ofMinutes(5);
    private static final byte[] EMPTY = new byte[0];

    /** The example of the Standard Webhooks libraries. */
    private static final class StandardExample {
        private static final WebhookScheme SCHEME = new Standard(TOLERANCE);
        private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        private static final Instant AT = Instant.ofEpochSecond(1614265330);
        private static final byte[] BODY = bytes("{\"test\": 2432232314}");
        private static final String ID = "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek";
        private static final String TIME = "webhook-timestamp: 1614265330";
        private static final String RIGHT = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

        private static Finding check(Instant now, String signature, String... more) {
            var headers = new String[more.length + 3];
            System.arraycopy(more, 0, headers, 3, more.length);
            headers[0] = ID;
            headers[1] = TIME;
            headers[2] = "webhook-signature: " + signature;
            return SignatureTest.check(SCHEME, SECRET, now, BODY, headers);
        }
    }

    @Test
    void acceptsTheExampleOfStandardWebhooks() {
        assertEquals(new Finding.Valid("msg_p5jXN8AQM9LWM0D4loKWxJek"), StandardExample.check(StandardExample.AT, StandardExample.RIGHT));
        assertEquals(new Finding.Valid("msg_p5jXN8AQM9LWM0D4loKWxJek"), check(StandardExample.SCHEME, "  MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", StandardExample.AT,
                StandardExample.BODY, "WEBHOOK-ID: msg_p5jXN8AQM9LWM0D4loKWxJek", "Webhook-Timestamp: 1614265330", "Webhook-Signature: " + StandardExample.RIGHT));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "v1,AAAA " + StandardExample.RIGHT,
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg== " + StandardExample.RIGHT,
        StandardExample.RIGHT + "  v1,!!! v9 , v2,x"})
    void acceptsOneOfSeveralStandardSignatures(String signatures) {
        assertInstanceOf(Finding.Valid.class, StandardExample.check(StandardExample.AT, signatures));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v1,", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1O", "v1,g1hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,83484cf52b04f8e4cf2531adfed9882ad4b2665137b852442d594d20e2c9d4e1"})
    void refusesOtherStandardSignatures(String signatures) {
        assertEquals(new Finding.Invalid(), StandardExample.check(StandardExample.AT, signatures));
    }

    @ParameterizedTest
    @CsvSource({"-301, false", "-300, true", "0, true", "300, true", "301, false"})
    void bindsStandardWebhooksToAboutNow(long secondsOff, boolean accepted) {
        var found = StandardExample.check(StandardExample.AT.plusSeconds(secondsOff), StandardExample.RIGHT);
        assertEquals(accepted ? Finding.Valid.class : Finding.Invalid.class, found.getClass());
    }

    @Test
    void choosesNoneOfHeadersThatStandTwice() {
        for (var twice : List.of("webhook-id: other", "Webhook-Timestamp: 1", "WEBHOOK-SIGNATURE: " + StandardExample.RIGHT)) {
            assertEquals(new Finding.Invalid(), StandardExample.check(StandardExample.AT, StandardExample.RIGHT, twice), twice);
        }
    }

    /** {@code printf 'order.1614265330.1614265330.{}' | openssl dgst -sha256 -hmac secret -binary | openssl base64}, which fits the id {@code order} too. */
    @Test
    void takesNoIdOfWhichASecondMessageCouldBeMade() {
        var scheme = new Standard(TOLERANCE);
        var signature = "webhook-signature: v1,tYaLTfuk1yZaXisEMUigX9Gl6BtgB7FBB2m8fdOWDCI=";
        assertEquals(new Finding.Invalid(), check(scheme, "c2VjcmV0", StandardExample.AT, bytes("{}"), "webhook-id: order.1614265330",
                "webhook-timestamp: 1614265330", signature));
        assertEquals(new Finding.Valid("order"), check(scheme, "c2VjcmV0", StandardExample.AT, bytes("1614265330.{}"), "webhook-id: order",
                "webhook-timestamp: 1614265330", signature));
    }

    /** {@code printf 'é.1614265330.{}' | openssl dgst -sha256 -hmac secret -binary | openssl base64}, in UTF-8, which servers read byte by byte. */
    @Test
    void takesAnIdInUtf8() {
        var asRead = new String(bytes("é"), StandardCharsets.ISO_8859_1);
        assertEquals(new Finding.Valid(asRead), check(new Standard(TOLERANCE), "c2VjcmV0", StandardExample.AT, bytes("{}"), "webhook-id: " + asRead,
                "webhook-timestamp: 1614265330", "webhook-signature: v1,MT9jNjwjO79HlsAxd/Am+a6aNG3pyIBfLPDMch4ifI4="));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1614265330.0", "0x6037", "99999999999999999999", "١٦١٤٢٦٥٣٣٠", "soon"})
    void refusesTimesThatAreNone(String time) {
        assertEquals(new Finding.Invalid(), check(StandardExample.SCHEME, StandardExample.SECRET, StandardExample.AT, StandardExample.BODY,
                StandardExample.ID, "webhook-timestamp: " + time, "webhook-signature: " + StandardExample.RIGHT));
        assertEquals(new Finding.Invalid(), check(new Stripe(TOLERANCE), "whsec_x", StandardExample.AT, EMPTY, "Stripe-Signature: t=" + time + ",v1=00"));
    }

    /** {@code printf '1614265330.{…}' | openssl dgst -sha256 -hmac whsec_test_secret}. */
    private static final class StripeExample {
        private static final WebhookScheme SCHEME = new Stripe(TOLERANCE);
        private static final String SECRET = "whsec_test_secret";
        private static final Instant AT = Instant.ofEpochSecond(1614265330);
        private static final String BODY = "{\"object\": \"event\", \"data\": {\"id\": \"inner\"}, \"id\": \"evt_1\"}";
        private static final String RIGHT = "v1=5e6b065bca4b0dab3c1cfb18463cca960b06ddf8ac9510d0a43eab02d798a5fc";

        private static Finding check(Instant now, String header) {
            return SignatureTest.check(SCHEME, SECRET, now, bytes(BODY), "Stripe-Signature: " + header);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"t=1614265330," + StripeExample.RIGHT, "t=1614265330,v1=00," + StripeExample.RIGHT + ",v1=zz,v0=6ffbb59b", StripeExample.RIGHT + ", t=1614265330, v2=x, y"})
    void acceptsOneOfSeveralSignaturesOfStripe(String header) {
        assertEquals(new Finding.Valid("evt_1"), StripeExample.check(StripeExample.AT, header));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "t=1614265330", StripeExample.RIGHT, "t=1614265331," + StripeExample.RIGHT, "t=1614265330,t=1614265330," + StripeExample.RIGHT,
        "t=1614265330,v0=5e6b065bca4b0dab3c1cfb18463cca960b06ddf8ac9510d0a43eab02d798a5fc", "t=1614265330;v1=5e6b065bca4b0dab3c1cfb18463cca960b06ddf8ac9510d0a43eab02d798a5fc", "=,=,,t=1614265330,v1="})
    void refusesOtherSignaturesOfStripe(String header) {
        assertEquals(new Finding.Invalid(), StripeExample.check(StripeExample.AT, header));
    }

    @ParameterizedTest
    @CsvSource({"-301, false", "-300, true", "300, true", "301, false"})
    void bindsStripeToAboutNow(long secondsOff, boolean accepted) {
        var found = StripeExample.check(StripeExample.AT.plusSeconds(secondsOff), "t=1614265330," + StripeExample.RIGHT);
        assertEquals(accepted ? Finding.Valid.class : Finding.Invalid.class, found.getClass());
    }

    @Test
    void namesWhatIsNoEventOfStripeByWhatItSays() {
        var one = check(StripeExample.SCHEME, StripeExample.SECRET, StripeExample.AT, bytes("[1]"), "stripe-signature: t=1614265330,v1=f7f4642b1de420d06ed76638b74762b24e775881ff1c39eb03e3c9c91746a185");
        var empty = check(StripeExample.SCHEME, StripeExample.SECRET, StripeExample.AT, EMPTY, "stripe-signature: t=1614265330,v1=2f9d16b2d4c155166668449b6c0b717e91af5563cb1f78a3065927985f4a5900");
        assertNotEquals(assertInstanceOf(Finding.Valid.class, one), assertInstanceOf(Finding.Valid.class, empty));
    }

    /** The example of "Validating webhook deliveries". */
    private static final class GitHubExample {
        private static final String SECRET = "It's a Secret to Everybody";
        private static final byte[] BODY = bytes("Hello, World!");
        private static final String RIGHT = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

        private static Finding check(String... headers) {
            return SignatureTest.check(new GitHub(), SECRET, Instant.EPOCH, BODY, headers);
        }
    }

    @Test
    void acceptsTheExampleOfGitHub() {
        assertEquals(new Finding.Valid("72d3162e-cc78"), GitHubExample.check("X-Hub-Signature-256: sha256=" + GitHubExample.RIGHT, "X-GitHub-Delivery: 72d3162e-cc78"));
    }

    @Test
    void refusesOtherSignaturesOfGitHub() {
        for (var header : List.of("X-Hub-Signature-256: " + GitHubExample.RIGHT, "X-Hub-Signature-256: sha1=" + GitHubExample.RIGHT,
                "X-Hub-Signature-256: sha256=" + GitHubExample.RIGHT.substring(2), "X-Hub-Signature-256: sha256=", "X-Hub-Signature: sha256=" + GitHubExample.RIGHT,
                "X-Hub-Signature-256: sha256=8" + GitHubExample.RIGHT.substring(1))) {
            assertEquals(new Finding.Invalid(), GitHubExample.check(header, "X-GitHub-Delivery: 1"), header);
        }
        assertEquals(new Finding.Invalid(), GitHubExample.check("X-GitHub-Delivery: 1"));
    }

    @Test
    void asksForTheNameOfWhatIsSigned() {
        var right = "X-Hub-Signature-256: sha256=" + GitHubExample.RIGHT;
        assertEquals(new Finding.Nameless("x-github-delivery"), GitHubExample.check(right));
        assertEquals(new Finding.Nameless("x-github-delivery"), GitHubExample.check(right, "X-GitHub-Delivery: "));
        assertEquals(new Finding.Nameless("x-github-delivery"), GitHubExample.check(right, "X-GitHub-Delivery: 1", "x-github-delivery: 2"));
    }

    @Test
    void readsPlainSignaturesAsTheyAreConfigured() {
        var hex = new HmacSha256("x-sign", Encoding.HEX, "", null);
        var base64 = new HmacSha256("authorization", Encoding.BASE64, "HMAC", "x-id");
        var binary = new byte[] {0, -1, 10, 13, -128};
        var named = check(hex, "k", Instant.EPOCH, binary, "X-Sign: 5b3e82bbb0ec3ad4f2ef35189b9c4db815974a1e6c1605ae603419df526d3344");
        assertEquals(named, check(hex, "k", Instant.MAX, binary, "x-sign: 5B3E82BBB0EC3AD4F2EF35189B9C4DB815974A1E6C1605AE603419DF526D3344"));
        assertInstanceOf(Finding.Valid.class, named);
        assertEquals(new Finding.Valid("7"), check(base64, "k", Instant.EPOCH, binary, "Authorization: HMAC Wz6Cu7DsOtTy7zUYm5xNuBWXSh5sFgWuYDQZ31JtM0Q=", "X-Id: 7"));
        assertNotEquals(named, assertInstanceOf(Finding.Valid.class, check(hex, "k", Instant.EPOCH, EMPTY, "X-Sign: 8bb990c40a7d61cb97597a942125025be50ac8beb74436e3735b98893a7f6620")));
        assertEquals(new Finding.Invalid(), check(hex, "k", Instant.EPOCH, EMPTY, "X-Sign: 5b3e82bbb0ec3ad4f2ef35189b9c4db815974a1e6c1605ae603419df526d3344"));
        assertEquals(new Finding.Invalid(), check(base64, "k", Instant.EPOCH, binary, "Authorization: Wz6Cu7DsOtTy7zUYm5xNuBWXSh5sFgWuYDQZ31JtM0Q=", "X-Id: 7"));
    }

    @Test
    void hasNoKeyInWhatIsNotBase64() {
        var standard = Signature.of(StandardExample.SCHEME);
        for (var value : List.of("whsec_", "whsec_***", "not base64")) {
            assertEquals(true, standard.key(value).isEmpty(), value);
        }
    }

    private static Finding check(WebhookScheme scheme, String secret, Instant now, byte[] body, String... headerLines) {
        var headers = MultiMap.caseInsensitiveMultiMap();
        Arrays.stream(headerLines).map(line -> line.split(": ?", 2)).forEach(header -> headers.add(header[0], header[1]));
        var signature = Signature.of(scheme);
        var keys = List.of(signature.key("c29tZSBvdGhlciBrZXk=").orElseThrow(), signature.key(secret).orElseThrow());
        return signature.stamp(new SignedHeaders(headers), now).map(stamp -> stamp.check(body, keys)).orElse(new Finding.Invalid());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
