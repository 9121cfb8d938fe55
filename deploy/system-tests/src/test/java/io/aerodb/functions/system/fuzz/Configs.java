package io.aerodb.functions.system.fuzz;

import static org.quicktheories.generators.Generate.oneOf;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.lists;

import java.util.List;
import org.quicktheories.core.Gen;

/** Configurations of functions as JSON: valid ones, ones with a wrong member, and broken text. Timeouts that are valid are short. */
final class Configs {

    private static final List<String> VALID = List.of(
            "\"timeout_ms\": 100", "\"timeout_ms\": 300", "\"memory_mb\": 1", "\"memory_mb\": 16", "\"verify_jwt\": false", "\"verify_jwt\": true",
            "\"enabled\": true", "\"run_as\": \"caller\"", "\"allowed_hosts\": [\"api.example.com\", \"*.example.com:8443\"]",
            "\"delivery\": \"at_most_once\"", "\"retry\": {\"max_attempts\": 1}", "\"retry\": {\"max_attempts\": 1, \"on\": [\"timeout\"]}",
            "\"concurrency\": 100", "\"caller_concurrency\": 7", "\"rate_limit\": {\"per_second\": 1000000}",
            "\"circuit_breaker\": {}", "\"triggers\": []", "\"env\": {}", "\"env\": {\"A\": \"b\", \"API_KEY\": \"hidden value\"}");

    private static final List<String> WRONG = List.of(
            "\"timeout_ms\": 99", "\"timeout_ms\": 1e400", "\"timeout_ms\": -0.0", "\"timeout_ms\": \"100\"", "\"timeout_ms\": 900001",
            "\"memory_mb\": 0", "\"memory_mb\": 4294967296", "\"memory_mb\": 99999999999999999999999", "\"verify_jwt\": \"yes\"", "\"enabled\": 1",
            "\"run_as\": \"postgres\"", "\"run_as\": []", "\"allowed_hosts\": \"*\"", "\"allowed_hosts\": [\"*\"]", "\"allowed_hosts\": [\"127.0.0.1:0\"]",
            "\"allowed_hosts\": [null]", "\"allowed_hosts\": [\"[::1\"]", "\"delivery\": \"never\"", "\"retry\": 5", "\"retry\": {\"max_attempts\": 0}",
            "\"retry\": {\"on\": [\"everything\"]}", "\"retry\": {\"min_delay_ms\": 5000, \"max_delay_ms\": 100}", "\"concurrency\": 0",
            "\"rate_limit\": {}", "\"rate_limit\": {\"per_second\": 0}", "\"rate_limit\": []", "\"circuit_breaker\": {\"failure_percent\": 101}",
            "\"triggers\": {}", "\"triggers\": [{}]", "\"triggers\": [{\"type\": \"schedule\"}]", "\"triggers\": [{\"type\": \"schedule\", \"cron\": \"* *\"}]",
            "\"triggers\": [{\"type\": \"moon\"}]", "\"env\": []", "\"env\": {\"A\": 1}", "\"env\": {\"\": \"x\"}", "\"env\": {\"A\": \"\\u0000\"}",
            "\"env\": {\"A\": \"\\ud800\"}", "\"no_such_member\": 1", "\"timeout_ms\": null", "\"env\": null");

    private static final List<String> BROKEN = List.of(
            "", "{", "null", "[]", "1", "\"text\"", "{}{}", "{\"timeout_ms\": 100, \"timeout_ms\": 200}", "NaN", "{'a': 1}", "{\"a\": 01}", "// x\n{}",
            "[".repeat(3000), "{\"env\":".repeat(1500), "\ufeff{}", "{\"env\": {\"A\": \"" + "x".repeat(9000) + "\"}}", "1e999999999",
            "{\"timeout_ms\": " + "9".repeat(5000) + "}", "\0");

    private Configs() {}

    static Gen<String> any() {
        var valid = lists().of(pick(VALID)).ofSizeBetween(0, 5).map(Configs::object);
        var wrong = pick(WRONG).zip(lists().of(pick(VALID)).ofSizeBetween(0, 2), (member, others) -> object(others).replaceFirst("\\{", "{" + member.replace("\\", "\\\\") + ","));
        return oneOf(valid, valid, valid, valid, valid, wrong.map(text -> text.replace(",}", "}")), pick(BROKEN), Mutations.ofText(valid));
    }

    /** Without a timeout of its own a function that a mutation made endless would run for ten seconds. */
    private static String object(List<String> members) {
        var all = String.join(", ", members.stream().distinct().toList());
        return all.contains("timeout_ms") ? "{" + all + "}" : "{\"timeout_ms\": 200" + (all.isEmpty() ? "" : ", ") + all + "}";
    }
}
