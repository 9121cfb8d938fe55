package io.aerodb.functions.function;

import io.aerodb.functions.secret.SealedValue;
import java.util.Map;

/**
 * How a function runs.
 *
 * @param enabled a disabled function answers as a missing one
 * @param verifyJwt false lets callers in without a token, as role {@code anon}
 * @param runAs with whose rights it queries the database
 * @param allowedHosts where it may send requests
 * @param corsOrigins from which web pages it may be called
 * @param limits what one invocation may use
 * @param delivery what happens when its worker is lost
 * @param retry when it is tried again where nobody waits for it
 * @param admission how much of it may go on at once
 * @param env the variables that may be kept as they are; in what an author wrote also those that are sensitive by their name
 * @param sealedEnv the sensitive variables, once they are encrypted
 */
public record FunctionConfig(
        boolean enabled,
        boolean verifyJwt,
        RunAs runAs,
        AllowedHosts allowedHosts,
        CorsOrigins corsOrigins,
        Limits limits,
        Delivery delivery,
        RetryPolicy retry,
        AdmissionPolicy admission,
        Map<String, String> env,
        Map<String, SealedValue> sealedEnv) {

    public static final FunctionConfig DEFAULT = new FunctionConfig(true, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, Map.of());

    public FunctionConfig {
        env = Map.copyOf(env);
        sealedEnv = Map.copyOf(sealedEnv);
    }

    /** With everything about web pages, delivery and admission as it is by default, and nothing encrypted. */
    public FunctionConfig(
            boolean enabled, boolean verifyJwt, RunAs runAs, AllowedHosts allowedHosts, Limits limits, Map<String, String> env) {
        this(enabled, verifyJwt, runAs, allowedHosts, CorsOrigins.ANY, limits, Delivery.AT_LEAST_ONCE, RetryPolicy.DEFAULT, AdmissionPolicy.NONE, env, Map.of());
    }

    public FunctionConfig with(Delivery newDelivery, RetryPolicy newRetry, AdmissionPolicy newAdmission) {
        return new FunctionConfig(enabled, verifyJwt, runAs, allowedHosts, corsOrigins, limits, newDelivery, newRetry, newAdmission, env, sealedEnv);
    }

    FunctionConfig withEnv(Map<String, String> open, Map<String, SealedValue> sealed) {
        return new FunctionConfig(enabled, verifyJwt, runAs, allowedHosts, corsOrigins, limits, delivery, retry, admission, open, sealed);
    }

    /** Leaves the variables out: some of them are secrets. */
    @Override
    public String toString() {
        return "FunctionConfig[enabled=" + enabled + ", verifyJwt=" + verifyJwt + ", runAs=" + runAs + ", allowedHosts=" + allowedHosts + ", corsOrigins=" + corsOrigins
                + ", limits=" + limits + ", delivery=" + delivery.label() + ", retry=" + retry + ", admission=" + admission + ", env=" + (env.size() + sealedEnv.size()) + " variables]";
    }
}
