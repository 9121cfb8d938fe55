package io.aerodb.functions.function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.trigger.TriggerJson;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/** A change of a function's configuration: a JSON merge patch (RFC 7396), in which null brings a member back to its default. */
public final class ConfigPatch {

    private final ObjectNode patch;

    private ConfigPatch(ObjectNode patch) {
        this.patch = patch;
    }

    /** @throws InvalidFunctionException if it is no JSON object, or naming a member that no configuration has */
    public static ConfigPatch parse(String text) {
        var patch = FunctionConfigJson.object(text);
        FunctionConfigJson.refuseUnknown(patch);
        return new ConfigPatch(patch);
    }

    /**
     * The configuration with the change. Where a sensitive variable has the mark that is shown in place of its value, it keeps the
     * value; one with a new value is not encrypted yet. Triggers that it does not name stay as they are, even if an author could not write
     * them now.
     *
     * @throws InvalidFunctionException naming the member that is wrong
     */
    FunctionConfig applyTo(FunctionConfig before) {
        var keepsTriggers = !patch.has(TriggerJson.MEMBER);
        var base = FunctionConfigJson.marked(keepsTriggers ? before.withTriggers(List.of()) : before);
        var checked = FunctionConfigJson.checked((ObjectNode) merge(base, patch));
        var config = keepsTriggers ? checked.withTriggers(before.triggers()) : checked;
        var env = new HashMap<>(config.env());
        var sealed = new HashMap<>(before.sealedEnv());
        sealed.keySet().removeIf(key -> !FunctionConfigJson.isMark(key, env.getOrDefault(key, "")));
        env.keySet().removeAll(sealed.keySet());
        env.replaceAll((key, value) -> FunctionConfigJson.isMark(key, value) ? openValue(before, key) : value);
        return config.withEnv(env, sealed);
    }

    /** Of a sensitive variable that was stored before there was a key to encrypt it under. */
    private static String openValue(FunctionConfig before, String key) {
        return Optional.ofNullable(before.env().get(key)).orElseThrow(() -> FunctionConfigJson.markedWithoutValue(key));
    }

    private static JsonNode merge(JsonNode target, JsonNode change) {
        if (!(change instanceof ObjectNode members)) {
            return change;
        }
        var merged = target instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
        for (var member : members.properties()) {
            if (member.getValue().isNull()) {
                merged.remove(member.getKey());
            } else {
                merged.set(member.getKey(), merge(merged.path(member.getKey()), member.getValue()));
            }
        }
        return merged;
    }
}
