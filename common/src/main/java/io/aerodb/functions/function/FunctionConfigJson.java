package io.aerodb.functions.function;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.secret.SealedValue;
import io.aerodb.functions.trigger.Trigger;
import io.aerodb.functions.trigger.TriggerJson;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A function's configuration as authors write it and as the registry keeps it. */
public final class FunctionConfigJson {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    /** The member that only the registry has: no author can write it. */
    static final String SEALED_ENV = "sealed_env";
    static final Pattern ENV_KEY = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
    private static final int MAX_ENV_KEYS = 100;
    private static final int MAX_ENV_VALUE_CHARS = 8192;

    private static final Set<String> MEMBERS =
            Set.of("enabled", "verify_jwt", "run_as", "allowed_hosts", "cors_origins", "timeout_ms", "memory_mb", TriggerJson.MEMBER, "env");

    private FunctionConfigJson() {}

    /**
     * Reads what an author wrote; members that are left out keep their defaults.
     *
     * @throws InvalidFunctionException naming the member that is wrong
     */
    public static FunctionConfig parse(String text) {
        var config = checked(object(text));
        config.env().forEach((key, value) -> {
            if (isMark(key, value)) {
                throw markedWithoutValue(key);
            }
        });
        return config;
    }

    /** Reads what an author wrote, marks included. */
    static FunctionConfig checked(ObjectNode root) {
        refuseUnknown(root);
        return config(root, TriggerJson.parse(root));
    }

    /** @throws InvalidFunctionException naming the first member that is none of ours */
    static void refuseUnknown(ObjectNode root) {
        for (var member : root.properties()) {
            if (!MEMBERS.contains(member.getKey()) && !PolicyJson.MEMBERS.contains(member.getKey())) {
                throw invalid("config has an unknown member '" + shortened(member.getKey()) + "'");
            }
        }
        PolicyJson.refuseUnknown(root);
    }

    /** Whether a variable has the mark that is shown in place of its value. */
    static boolean isMark(String key, String value) {
        return SensitiveKeys.isSensitive(key) && value.equals(SensitiveKeys.REDACTED);
    }

    static InvalidFunctionException markedWithoutValue(String key) {
        return invalid("config.env." + key + " has the mark that is shown in place of its value, and would lose the value: give the value itself");
    }

    /** The members as an author would write them, with the marks in place of values that are sensitive. */
    static ObjectNode marked(FunctionConfig config) {
        return MAPPER.valueToTree(shown(config));
    }

    /** Reads what {@link #write} wrote, or that of a newer version, whose new members are passed over: services are upgraded one by one. */
    static FunctionConfig read(String stored) {
        var root = object(stored);
        var sealed = new HashMap<String, SealedValue>();
        for (var variable : root.path(SEALED_ENV).properties()) {
            var value = variable.getValue();
            sealed.put(variable.getKey(), new SealedValue(value.path("key_id").asText(), value.path("sealed").asText()));
        }
        root.remove(SEALED_ENV);
        var config = config(root, TriggerJson.read(root));
        return config.withEnv(config.env(), sealed);
    }

    static ObjectNode object(String text) {
        JsonNode root;
        try {
            root = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw invalid("config is not valid JSON: " + reason(e) + position(e));
        }
        if (!(root instanceof ObjectNode object)) {
            throw invalid("config must be a JSON object");
        }
        return object;
    }

    /** Without the names of the library's classes and features. */
    private static String reason(JsonProcessingException e) {
        return switch (e) {
            case MismatchedInputException _ -> "something follows its end";
            case StreamConstraintsException _ -> "it is nested too deeply, or a number, name or text in it is too long";
            default -> e.getOriginalMessage().replaceFirst(": enable `.*", "");
        };
    }

    private static FunctionConfig config(ObjectNode root, List<Trigger> triggers) {
        var defaults = FunctionConfig.DEFAULT;
        var enabled = defaults.enabled();
        var verifyJwt = defaults.verifyJwt();
        var runAs = defaults.runAs();
        var allowedHosts = defaults.allowedHosts();
        var corsOrigins = defaults.corsOrigins();
        var timeout = defaults.limits().timeout();
        var memoryBytes = defaults.limits().memoryBytes();
        var env = defaults.env();
        for (var member : root.properties()) {
            var value = member.getValue();
            switch (member.getKey()) {
                case "enabled" -> enabled = bool(member.getKey(), value);
                case "verify_jwt" -> verifyJwt = bool(member.getKey(), value);
                case "run_as" -> runAs = runAs(value);
                case "allowed_hosts" -> allowedHosts = AllowedHosts.parse(texts(member.getKey(), value));
                case "cors_origins" -> corsOrigins = CorsOrigins.parse(texts(member.getKey(), value));
                case "timeout_ms" -> timeout = Duration.ofMillis(integer(member.getKey(), value));
                case "memory_mb" -> memoryBytes = integer(member.getKey(), value) * Limits.MIB;
                case "env" -> env = env(value);
                default -> { }
            }
        }
        return new FunctionConfig(enabled, verifyJwt, runAs, allowedHosts, corsOrigins, new Limits(timeout, memoryBytes),
                PolicyJson.delivery(root), PolicyJson.retry(root), PolicyJson.admission(root), triggers, env, Map.of());
    }

    /** For the registry only. Sensitive variables stand in it as they are unless they were sealed before. */
    public static String write(FunctionConfig config) {
        var tree = MAPPER.createObjectNode()
                .put("enabled", config.enabled())
                .put("verify_jwt", config.verifyJwt())
                .put("run_as", config.runAs().label())
                .put("timeout_ms", config.limits().timeout().toMillis())
                .put("memory_mb", config.limits().memoryBytes() / Limits.MIB);
        tree.setAll((ObjectNode) MAPPER.valueToTree(PolicyJson.members(config)));
        config.allowedHosts().entries().forEach(tree.putArray("allowed_hosts")::add);
        config.corsOrigins().entries().forEach(tree.putArray("cors_origins")::add);
        tree.set(TriggerJson.MEMBER, MAPPER.valueToTree(TriggerJson.shown(config.triggers())));
        var variables = tree.putObject("env");
        new TreeMap<>(config.env()).forEach(variables::put);
        if (!config.sealedEnv().isEmpty()) {
            var sealed = tree.putObject(SEALED_ENV);
            new TreeMap<>(config.sealedEnv()).forEach((key, value) ->
                    sealed.putObject(key).put("key_id", value.keyId()).put("sealed", value.hex()));
        }
        return tree.toString();
    }

    /** As it may be shown: the values of sensitive variables are replaced. */
    public static Map<String, Object> shown(FunctionConfig config) {
        var members = new LinkedHashMap<String, Object>();
        members.put("enabled", config.enabled());
        members.put("verify_jwt", config.verifyJwt());
        members.put("run_as", config.runAs().label());
        members.put("allowed_hosts", config.allowedHosts().entries());
        members.put("cors_origins", config.corsOrigins().entries());
        members.put("timeout_ms", config.limits().timeout().toMillis());
        members.put("memory_mb", config.limits().memoryBytes() / Limits.MIB);
        members.putAll(PolicyJson.members(config));
        members.put(TriggerJson.MEMBER, TriggerJson.shown(config.triggers()));
        var env = SensitiveKeys.redacted(config.env());
        config.sealedEnv().keySet().forEach(key -> env.put(key, SensitiveKeys.REDACTED));
        members.put("env", env);
        return members;
    }

    private static boolean bool(String member, JsonNode value) {
        if (!value.isBoolean()) {
            throw invalid("config." + member + " must be true or false");
        }
        return value.booleanValue();
    }

    private static RunAs runAs(JsonNode value) {
        return RunAs.fromLabel(value.asText())
                .orElseThrow(() -> invalid("config.run_as must be \"caller\" or \"service_role\""));
    }

    private static List<String> texts(String member, JsonNode value) {
        if (!value.isArray() || !value.valueStream().allMatch(JsonNode::isTextual)) {
            throw invalid("config." + member + " must be an array of text values");
        }
        return value.valueStream().map(JsonNode::textValue).toList();
    }

    static int integer(String member, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw invalid("config." + member + " must be an integer");
        }
        return value.intValue();
    }

    private static Map<String, String> env(JsonNode value) {
        if (!value.isObject()) {
            throw invalid("config.env must be an object of text values");
        }
        if (value.size() > MAX_ENV_KEYS) {
            throw invalid("config.env has " + value.size() + " variables, allowed are " + MAX_ENV_KEYS);
        }
        var env = new TreeMap<String, String>();
        for (var variable : value.properties()) {
            var key = variable.getKey();
            if (!ENV_KEY.matcher(key).matches()) {
                throw invalid("config.env has the key '" + shortened(key) + "': use letters, digits and '_', not starting with a digit");
            }
            if (!variable.getValue().isTextual() || variable.getValue().textValue().length() > MAX_ENV_VALUE_CHARS
                    || variable.getValue().textValue().indexOf('\0') >= 0) {
                throw invalid("config.env." + key + " must be text of at most " + MAX_ENV_VALUE_CHARS + " characters without NUL");
            }
            env.put(key, variable.getValue().textValue());
        }
        return env;
    }

    private static InvalidFunctionException invalid(String message) {
        return new InvalidFunctionException("invalid_request", message);
    }

    private static String position(JsonProcessingException e) {
        var location = e.getLocation();
        return location == null ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }

    static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
