package io.aerodb.functions.trigger;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.TriggerType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Runs a function for every message of a sender that signs what it sends.
 *
 * @param secret key of the function's secret that holds the signing key, or several while it is being changed: one a line
 * @param runAs on whose behalf the function runs
 */
public record WebhookTrigger(WebhookScheme scheme, String secret, RunAs runAs) implements Trigger {

    /** Of one function; each of them may have to be tried. */
    static final int MAX_PER_FUNCTION = 4;

    /** On whose behalf what a sender sets off runs: it is none of our users. */
    public enum RunAs {
        ANON(Identity.ANONYMOUS),
        SERVICE(Identity.SERVICE);

        static final Map<String, RunAs> BY_LABEL = Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(RunAs::label, Function.identity()));

        private final Identity identity;

        RunAs(Identity identity) {
            this.identity = identity;
        }

        public String label() {
            return identity.role().claim();
        }

        public Identity identity() {
            return identity;
        }
    }

    @Override
    public String type() {
        return TriggerType.WEBHOOK.label();
    }

    @Override
    public Map<String, Object> members() {
        var members = new LinkedHashMap<String, Object>();
        members.put("scheme", scheme.label());
        members.put("secret", secret);
        members.putAll(scheme.members());
        members.put("run_as", runAs.label());
        return members;
    }
}
