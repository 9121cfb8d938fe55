package io.aerodb.functions.trigger;

import io.aerodb.functions.function.FunctionSecret;
import io.aerodb.functions.trigger.WebhookScheme.GitHub;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256.Encoding;
import io.aerodb.functions.trigger.WebhookScheme.Standard;
import io.aerodb.functions.trigger.WebhookScheme.Stripe;
import io.aerodb.functions.trigger.WebhookTrigger.RunAs;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the members of a {@link WebhookTrigger}. */
final class WebhookTriggerReader {

    private static final Map<String, Encoding> ENCODINGS = Map.of(Encoding.HEX.label(), Encoding.HEX, Encoding.BASE64.label(), Encoding.BASE64);
    private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");

    private WebhookTriggerReader() {}

    /** @throws io.aerodb.functions.function.InvalidFunctionException naming the member that is wrong */
    static WebhookTrigger read(TriggerMembers members) {
        return new WebhookTrigger(scheme(members), secret(members), members.choice("run_as", RunAs.BY_LABEL, RunAs.ANON));
    }

    private static WebhookScheme scheme(TriggerMembers members) {
        var label = members.text("scheme");
        return switch (label) {
            case Standard.LABEL -> new Standard(tolerance(members));
            case Stripe.LABEL -> new Stripe(tolerance(members));
            case GitHub.LABEL -> withoutTime(members, new GitHub());
            case HmacSha256.LABEL -> withoutTime(members, new HmacSha256(
                    header(members, "header").orElseThrow(() -> members.invalidMember("header", "is missing: it names the header that has the signature")),
                    members.choice("encoding", ENCODINGS, Encoding.HEX),
                    members.optionalText("prefix").orElse(""),
                    header(members, "id_header").orElse(null)));
            default -> throw members.invalidMember("scheme", "is '" + TriggerMembers.shortened(label) + "', known are github, hmac-sha256, standard, stripe");
        };
    }

    private static Duration tolerance(TriggerMembers members) {
        return members.millis("tolerance_ms", WebhookScheme.MIN_TOLERANCE, WebhookScheme.MAX_TOLERANCE, WebhookScheme.DEFAULT_TOLERANCE);
    }

    private static WebhookScheme withoutTime(TriggerMembers members, WebhookScheme scheme) {
        if (members.has("tolerance_ms")) {
            throw members.invalidMember("tolerance_ms", "has no meaning here: signatures of the scheme " + scheme.label() + " say nothing of time");
        }
        return scheme;
    }

    private static String secret(TriggerMembers members) {
        var key = members.text("secret");
        if (!FunctionSecret.isKey(key)) {
            throw members.invalidMember("secret", "must be the key of a secret of the function, not its value: letters, digits and '_', not starting with a digit");
        }
        return key;
    }

    private static Optional<String> header(TriggerMembers members, String member) {
        return members.optionalText(member).map(name -> {
            if (!HEADER.matcher(name).matches()) {
                throw members.invalidMember(member, "must be the name of a header, at most 128 characters");
            }
            return name.toLowerCase(Locale.ROOT);
        });
    }
}
