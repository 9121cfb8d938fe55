package io.aerodb.functions.function;

import java.util.Map;

/**
 * How a function runs.
 *
 * @param enabled a disabled function answers as a missing one
 * @param verifyJwt false lets callers in without a token, as role {@code anon}
 * @param runAs with whose rights it queries the database
 * @param limits what one invocation may use
 * @param env the only variables the function can read
 */
public record FunctionConfig(boolean enabled, boolean verifyJwt, RunAs runAs, Limits limits, Map<String, String> env) {

    public static final FunctionConfig DEFAULT = new FunctionConfig(true, true, RunAs.CALLER, Limits.DEFAULT, Map.of());

    public FunctionConfig {
        env = Map.copyOf(env);
    }

    /** Leaves the variables out: some of them are secrets. */
    @Override
    public String toString() {
        return "FunctionConfig[enabled=" + enabled + ", verifyJwt=" + verifyJwt + ", runAs=" + runAs + ", limits=" + limits
                + ", env=" + env.size() + " variables]";
    }
}
