package io.aerodb.functions.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Members of a configuration as they are named on the command line: {@code retry.max_attempts} is one inside of another. */
final class ConfigMembers {

    private static final JsonMapper MAPPER = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
    private static final String VARIABLES = "env.";

    private ConfigMembers() {}

    /**
     * @param set each one {@code member=value}
     * @return a JSON merge patch
     * @throws CommandException naming what makes no sense
     */
    static String patch(List<String> set, List<String> unset) {
        var patch = MAPPER.createObjectNode();
        for (var assignment : set) {
            var parts = assignment.split("=", 2);
            if (parts.length < 2) {
                throw CommandException.notPossible("'" + assignment + "' has no value: write it as member=value");
            }
            put(patch, parts[0], parts[0].startsWith(VARIABLES) ? MAPPER.getNodeFactory().textNode(parts[1]) : value(parts[1]));
        }
        unset.forEach(member -> put(patch, member, MAPPER.nullNode()));
        return patch.toString();
    }

    private static void put(ObjectNode patch, String member, JsonNode value) {
        var names = member.split("\\.", -1);
        var parent = patch;
        for (var i = 0; i < names.length - 1; i++) {
            if (!(parent.path(names[i]) instanceof ObjectNode) && parent.has(names[i])) {
                throw twice(member);
            }
            parent = parent.withObjectProperty(names[i]);
        }
        if (member.isEmpty() || parent.has(names[names.length - 1])) {
            throw twice(member);
        }
        parent.set(names[names.length - 1], value);
    }

    private static JsonNode value(String text) {
        try {
            var value = MAPPER.readTree(text);
            return value.isMissingNode() ? MAPPER.getNodeFactory().textNode(text) : value;
        } catch (JsonProcessingException e) {
            return MAPPER.getNodeFactory().textNode(text);
        }
    }

    private static CommandException twice(String member) {
        return CommandException.notPossible("the member '" + member + "' is empty, or is changed twice");
    }
}
