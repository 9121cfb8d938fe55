package io.aerodb.functions.function;

import io.aerodb.functions.secret.SealedValue;
import io.aerodb.functions.trigger.Trigger;
import java.util.List;
import java.util.Map;

/**
 * How a function runs.
 *
 * @param enabled a disabled function answers as a missing one; of the function as it is now, whatever its version
 * @param verifyJwt false lets callers in without a token, as role {@code anon}
 * @param runAs with whose rights it queries the database
 * @param allowedHosts where it may send requests
 * @param limits what one invocation may use
 * @param delivery what happens when its worker is lost
 * @param retry when it is tried again where nobody waits for it
 * @param admission how much of it may go on at once
 * @param triggers what runs it, other than calls
 * @param env the variables that may be kept as they are; in what an author wrote also those that are sensitive by their name
 * @param sealedEnv the sensitive variables, once they are encrypted
 */
public record FunctionConfig(
        boolean enabled,
        boolean verifyJwt,
        RunAs runAs,
        AllowedHosts allowedHosts,
        Limits limits,
        Delivery delivery,
        RetryPolicy retry,
        AdmissionPolicy admission,
        List<Trigger> triggers,
        Map<String, String> env,
        Map<String, SealedValue> sealedEnv) {

    public static final FunctionConfig DEFAULT = new FunctionConfig(true, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, Map.of());

    public FunctionConfig {
        triggers = List.copyOf(triggers);
        env = Map.copyOf(env);
        sealedEnv = Map.copyOf(sealedEnv);
    }

    /** With everything about delivery and admission as it is by default, no triggers, and nothing encrypted. */
    public FunctionConfig(
            boolean enabled, boolean verifyJwt, RunAs runAs, AllowedHosts allowedHosts, Limits limits, Map<String, String> env) {
        this(enabled, verifyJwt, runAs, allowedHosts, limits, Delivery.AT_LEAST_ONCE, RetryPolicy.DEFAULT, AdmissionPolicy.NONE, List.of(), env, Map.of());
    }

    public FunctionConfig with(Delivery newDelivery, RetryPolicy newRetry, AdmissionPolicy newAdmission) {
        return new FunctionConfig(enabled, verifyJwt, runAs, allowedHosts, limits, newDelivery, newRetry, newAdmission, triggers, env, sealedEnv);
    }

    public FunctionConfig withTriggers(List<Trigger> newTriggers) {
        return new FunctionConfig(enabled, verifyJwt, runAs, allowedHosts, limits, delivery, retry, admission, newTriggers, env, sealedEnv);
    }

    public FunctionConfig withEnabled(boolean nowEnabled) {
        return new FunctionConfig(nowEnabled, verifyJwt, runAs, allowedHosts, limits, delivery, retry, admission, triggers, env, sealedEnv);
    }

    FunctionConfig withEnv(Map<String, String> open, Map<String, SealedValue> sealed) {
        return new FunctionConfig(enabled, verifyJwt, runAs, allowedHosts, limits, delivery, retry, admission, triggers, open, sealed);
    }

    /** Leaves the variables out: some of them are secrets. */
    @Override
    public String toString() {
        return "FunctionConfig[enabled=" + enabled + ", verifyJwt=" + verifyJwt + ", runAs=" + runAs + ", allowedHosts=" + allowedHosts
                + ", limits=" + limits + ", delivery=" + delivery.label() + ", retry=" + retry + ", admission=" + admission + ", triggers=" + triggers + ", env=" + (env.size() + sealedEnv.size()) + " variables]";
    }
}
