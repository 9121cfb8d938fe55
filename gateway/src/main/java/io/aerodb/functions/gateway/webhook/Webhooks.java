package io.aerodb.functions.gateway.webhook;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.webhook.Signature.Finding;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.trigger.WebhookTrigger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tells which message of which sender a webhook is, by the triggers and secrets of its function as the registry has them: no database
 * is asked. Keys are decrypted once for every change of a function, and stand in this memory only. Thread-safe.
 */
public final class Webhooks {

    /** Functions whose keys are kept; beyond that all are decrypted anew. */
    private static final int MAX_KEPT = 10_000;

    private final SecretsCipher cipher;
    private final Map<UUID, Kept> kept = new ConcurrentHashMap<>();

    private record Kept(DeployedFunction function, List<Sender> senders) {}

    public Webhooks(SecretsCipher cipher) {
        this.cipher = cipher;
    }

    /**
     * A message whose sender is known.
     *
     * @param invocation the same whenever the message is sent
     */
    public record Message(WebhookTrigger trigger, InvocationId invocation) {}

    public static boolean areTakenBy(DeployedFunction function) {
        return triggers(function).findAny().isPresent();
    }

    /** Names in lower case of what proves who a sender is: not for the function, and not for the log. */
    public static Set<String> signatureHeaders(DeployedFunction function) {
        return Stream.concat(triggers(function).map(trigger -> trigger.scheme().signatureHeader()), Stream.of("x-hub-signature"))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Tries one sender after the other. Takes some milliseconds for a body of a megabyte.
     *
     * @throws ProblemException 401 if none of them has signed it, or not about now; the answer says nothing of keys and secrets. 400 if
     *     it was signed and has no id
     * @throws UnavailableException if none has, and the keys of one cannot be read here
     */
    public Message check(DeployedFunction function, SignedRequest request, Instant now) {
        var stale = false;
        var unreadable = false;
        for (var sender : senders(function)) {
            unreadable |= !sender.areKeysReadable();
            switch (sender.signature().check(request, sender.keys(), now)) {
                case Finding.Valid(var messageId) -> {
                    return new Message(sender.trigger(), invocation(function, sender.trigger(), messageId));
                }
                case Finding.Nameless(var header) -> throw new ProblemException(Problem.invalidRequest(
                        "the signature is valid, but the header '" + header + "', which names the message, is missing or stands twice"));
                case Finding.Stale _ -> stale = true;
                case Finding.Invalid _ -> { }
            }
        }
        if (stale) {
            throw new ProblemException(Problem.invalidSignature("the signature is valid, but its time is too far from now"));
        }
        if (unreadable) {
            throw new UnavailableException("secrets", "the signature cannot be checked for now");
        }
        throw new ProblemException(Problem.invalidSignature("none of the function's senders has signed this request"));
    }

    /** It outlives changes of the trigger that leave the sender what it is. */
    private static InvocationId invocation(DeployedFunction function, WebhookTrigger trigger, String messageId) {
        return InvocationId.named(function.id(), "webhook", trigger.scheme().label(), trigger.secret(), messageId);
    }

    private List<Sender> senders(DeployedFunction function) {
        var known = kept.get(function.id());
        if (known != null && known.function() == function) {
            return known.senders();
        }
        var senders = triggers(function).map(trigger -> Sender.of(trigger, function, cipher)).toList();
        if (kept.size() >= MAX_KEPT) {
            kept.clear();
        }
        kept.put(function.id(), new Kept(function, senders));
        return senders;
    }

    private static Stream<WebhookTrigger> triggers(DeployedFunction function) {
        return function.config().triggers().stream().filter(WebhookTrigger.class::isInstance).map(WebhookTrigger.class::cast);
    }
}
