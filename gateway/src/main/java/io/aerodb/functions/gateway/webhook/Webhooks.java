package io.aerodb.functions.gateway.webhook;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.gateway.http.ProblemException;
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

    public static boolean areTakenBy(DeployedFunction function) {
        return triggers(function).findAny().isPresent();
    }

    /** Names in lower case of what proves who a sender is: not for the function, and not for the log. */
    public static Set<String> signatureHeaders(DeployedFunction function) {
        return Stream.concat(triggers(function).map(trigger -> trigger.scheme().signatureHeader()), Stream.of("x-hub-signature"))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Who a request can be of, by its headers.
     *
     * @param now when it has come
     * @throws ProblemException 401 if its headers show that it is of none of the function's senders, or too old
     */
    public PossibleSenders possibleSenders(DeployedFunction function, SignedHeaders headers, Instant now) {
        var possible = senders(function).stream()
                .flatMap(sender -> sender.signature().stamp(headers, now).map(stamp -> new PossibleSenders.Stamped(sender, stamp)).stream())
                .toList();
        if (possible.isEmpty()) {
            throw PossibleSenders.refusal();
        }
        return new PossibleSenders(function.id(), possible);
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
