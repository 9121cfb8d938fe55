package io.aerodb.functions.gateway.webhook;

import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.webhook.Signature.Finding;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.trigger.WebhookTrigger;
import java.util.List;
import java.util.UUID;

/** The senders that a request can be of, by its headers; its body tells which. Thread-safe. */
public final class PossibleSenders {

    private final UUID function;
    private final List<Stamped> stamped;

    record Stamped(Sender sender, Stamp stamp) {}

    PossibleSenders(UUID function, List<Stamped> stamped) {
        this.function = function;
        this.stamped = List.copyOf(stamped);
    }

    /**
     * A message whose sender is known.
     *
     * @param invocation the same whenever the message is sent
     */
    public record Message(WebhookTrigger trigger, InvocationId invocation) {}

    /**
     * Tries one sender after the other. Takes some milliseconds for a body of a megabyte.
     *
     * @param body byte for byte as it came
     * @throws ProblemException 401 if none of them has signed it; the answer says nothing of keys and secrets. 400 if it was signed and has
     *     no id
     * @throws UnavailableException if none has, and the keys of one cannot be read here
     */
    public Message check(byte[] body) {
        for (var each : stamped) {
            switch (each.stamp().check(body, each.sender().keys())) {
                case Finding.Valid(var messageId) -> {
                    return new Message(each.sender().trigger(), invocation(each.sender().trigger(), messageId));
                }
                case Finding.Nameless(var header) -> throw new ProblemException(Problem.invalidRequest(
                        "the signature is valid, but the header '" + header + "', which names the message, is missing or stands twice"));
                case Finding.Invalid _ -> { }
            }
        }
        if (stamped.stream().anyMatch(each -> !each.sender().areKeysReadable())) {
            throw new UnavailableException("secrets", "the signature cannot be checked for now");
        }
        throw refusal();
    }

    /** The same whatever is wrong, and so says nothing of what would be right. */
    static ProblemException refusal() {
        return new ProblemException(Problem.invalidSignature("none of the function's senders has signed this request, or its time is too far from now"));
    }

    /** It outlives changes of the trigger that leave the sender what it is. */
    private InvocationId invocation(WebhookTrigger trigger, String messageId) {
        return InvocationId.named(function, "webhook", trigger.scheme().label(), trigger.secret(), messageId);
    }
}
