package io.aerodb.functions.function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The members of a function's configuration that say how it is delivered and admitted. */
final class PolicyJson {

    static final Set<String> MEMBERS =
            Set.of("delivery", "retry", "concurrency", "caller_concurrency", "rate_limit", "circuit_breaker");

    private static final Map<String, Set<String>> NESTED = Map.of(
            "retry", Set.of("max_attempts", "min_delay_ms", "max_delay_ms", "max_age_ms", "on"),
            "rate_limit", Set.of("per_second", "burst"),
            "circuit_breaker", Set.of("failure_percent", "window_ms", "min_calls", "open_ms"));

    private PolicyJson() {}

    /** @throws InvalidFunctionException naming the first member inside of these that is none of ours */
    static void refuseUnknown(ObjectNode root) {
        NESTED.forEach((member, known) -> root.path(member).properties().forEach(nested -> {
            if (!known.contains(nested.getKey())) {
                throw invalid("config." + member + " has an unknown member '" + FunctionConfigJson.shortened(nested.getKey()) + "'");
            }
        }));
    }

    static Delivery delivery(ObjectNode root) {
        var value = root.path("delivery");
        return value.isMissingNode() ? Delivery.AT_LEAST_ONCE : Delivery.fromLabel(value.asText())
                .orElseThrow(() -> invalid("config.delivery must be \"at_least_once\" or \"at_most_once\""));
    }

    static RetryPolicy retry(ObjectNode root) {
        var given = object(root, "retry");
        var defaults = RetryPolicy.DEFAULT;
        if (given.isEmpty()) {
            return defaults;
        }
        var retry = given.get();
        var minDelay = duration(retry, "retry", "min_delay_ms", defaults.minDelay());
        var maxDelay = duration(retry, "retry", "max_delay_ms", minDelay.compareTo(defaults.maxDelay()) > 0 ? minDelay : defaults.maxDelay());
        return new RetryPolicy(integer(retry, "retry", "max_attempts", defaults.maxAttempts()), minDelay, maxDelay,
                duration(retry, "retry", "max_age_ms", defaults.maxAge()), causes(retry, defaults.on()));
    }

    static AdmissionPolicy admission(ObjectNode root) {
        return new AdmissionPolicy(limit(root, "concurrency"), limit(root, "caller_concurrency"), rateLimit(root), circuitBreaker(root));
    }

    /** These members as an author would write them; those that are not set are left out. */
    static Map<String, Object> members(FunctionConfig config) {
        var members = new LinkedHashMap<String, Object>();
        members.put("delivery", config.delivery().label());
        var retry = new LinkedHashMap<String, Object>();
        retry.put("max_attempts", config.retry().maxAttempts());
        retry.put("min_delay_ms", config.retry().minDelay().toMillis());
        retry.put("max_delay_ms", config.retry().maxDelay().toMillis());
        retry.put("max_age_ms", config.retry().maxAge().toMillis());
        retry.put("on", config.retry().on().stream().map(RetryPolicy.Cause::label).sorted().toList());
        members.put("retry", retry);
        var admission = config.admission();
        admission.concurrency().ifPresent(value -> members.put("concurrency", value));
        admission.callerConcurrency().ifPresent(value -> members.put("caller_concurrency", value));
        admission.rateLimit().ifPresent(limit -> members.put("rate_limit", Map.of("per_second", limit.perSecond(), "burst", limit.burst())));
        admission.circuitBreaker().ifPresent(circuit -> {
            var breaker = new LinkedHashMap<String, Object>();
            breaker.put("failure_percent", circuit.failurePercent());
            breaker.put("window_ms", circuit.window().toMillis());
            breaker.put("min_calls", circuit.minCalls());
            breaker.put("open_ms", circuit.open().toMillis());
            members.put("circuit_breaker", breaker);
        });
        return members;
    }

    private static Set<RetryPolicy.Cause> causes(JsonNode retry, Set<RetryPolicy.Cause> otherwise) {
        var given = retry.path("on");
        if (given.isMissingNode()) {
            return otherwise;
        }
        if (!given.isArray()) {
            throw invalid("config.retry.on must be an array");
        }
        var causes = EnumSet.noneOf(RetryPolicy.Cause.class);
        given.forEach(label -> causes.add(RetryPolicy.Cause.fromLabel(label.asText()).orElseThrow(() -> invalid(
                "config.retry.on has '" + FunctionConfigJson.shortened(label.asText()) + "', known are timeout, unavailable, host_function_error, "
                        + "worker_lost, function_error and memory_limit_exceeded"))));
        return causes;
    }

    private static Optional<RateLimit> rateLimit(ObjectNode root) {
        return object(root, "rate_limit").map(limit -> {
            if (!limit.has("per_second")) {
                throw invalid("config.rate_limit.per_second is missing");
            }
            var perSecond = integer(limit, "rate_limit", "per_second", 0);
            return new RateLimit(perSecond, integer(limit, "rate_limit", "burst", perSecond));
        });
    }

    private static Optional<CircuitPolicy> circuitBreaker(ObjectNode root) {
        var defaults = CircuitPolicy.DEFAULT;
        return object(root, "circuit_breaker").map(circuit -> new CircuitPolicy(
                integer(circuit, "circuit_breaker", "failure_percent", defaults.failurePercent()),
                duration(circuit, "circuit_breaker", "window_ms", defaults.window()),
                integer(circuit, "circuit_breaker", "min_calls", defaults.minCalls()),
                duration(circuit, "circuit_breaker", "open_ms", defaults.open())));
    }

    private static Optional<JsonNode> object(ObjectNode root, String member) {
        var value = root.path(member);
        if (!value.isMissingNode() && !value.isObject()) {
            throw invalid("config." + member + " must be an object");
        }
        return value.isMissingNode() ? Optional.empty() : Optional.of(value);
    }

    private static OptionalInt limit(ObjectNode root, String member) {
        return root.has(member) ? OptionalInt.of(FunctionConfigJson.integer(member, root.get(member))) : OptionalInt.empty();
    }

    private static int integer(JsonNode parent, String path, String member, int otherwise) {
        return parent.has(member) ? FunctionConfigJson.integer(path + "." + member, parent.get(member)) : otherwise;
    }

    private static Duration duration(JsonNode parent, String path, String member, Duration otherwise) {
        return parent.has(member) ? Duration.ofMillis(FunctionConfigJson.integer(path + "." + member, parent.get(member))) : otherwise;
    }

    private static InvalidFunctionException invalid(String message) {
        return new InvalidFunctionException("invalid_request", message);
    }
}
