package io.aerodb.functions.gateway.webhook;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.UnreadableSecretException;
import io.aerodb.functions.trigger.WebhookTrigger;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody whose messages a function takes.
 *
 * @param keys any of which it may sign with; none, and nothing is valid, if they are not set or of another form
 * @param areKeysReadable false if this gateway cannot decrypt them
 */
record Sender(WebhookTrigger trigger, Signature signature, List<SigningKey> keys, boolean areKeysReadable) {

    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);
    /** Of one sender: each of them may have to be tried. */
    private static final int MAX_KEYS = 4;

    Sender {
        keys = List.copyOf(keys);
    }

    /** Looks its keys up among the function's secrets; says in the log what is wrong with them. */
    static Sender of(WebhookTrigger trigger, DeployedFunction function, SecretsCipher cipher) {
        var signature = Signature.of(trigger.scheme());
        var secret = function.secrets().stream().filter(each -> each.key().equals(trigger.secret())).findFirst();
        if (secret.isEmpty()) {
            warn(trigger, function, "the secret of a webhook trigger is not set; until it is, its messages are refused");
            return new Sender(trigger, signature, List.of(), true);
        }
        try {
            var keys = keys(secret.get().open(cipher, function.id()), signature);
            if (keys.isEmpty()) {
                warn(trigger, function, "the secret of a webhook trigger holds no keys of its scheme, or more than " + MAX_KEYS
                        + " lines; its messages are refused");
            }
            return new Sender(trigger, signature, keys, true);
        } catch (UnreadableSecretException e) {
            warn(trigger, function, e.getMessage());
            return new Sender(trigger, signature, List.of(), false);
        }
    }

    /** One key a line, all or none. */
    private static List<SigningKey> keys(String secret, Signature signature) {
        var lines = secret.lines().filter(Predicate.not(String::isBlank)).toList();
        var keys = lines.stream().flatMap(line -> signature.key(line).stream()).toList();
        return keys.size() == lines.size() && keys.size() <= MAX_KEYS ? keys : List.of();
    }

    private static void warn(WebhookTrigger trigger, DeployedFunction function, String message) {
        LOG.atWarn().addKeyValue("function", function.name()).addKeyValue("secret", trigger.secret())
                .addKeyValue("scheme", trigger.scheme().label()).log(message);
    }
}
