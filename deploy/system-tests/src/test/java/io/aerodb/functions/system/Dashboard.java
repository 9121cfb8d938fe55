package io.aerodb.functions.system;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.util.List;

/** {@code deploy/observability/dashboard.json}, as Grafana reads it. */
record Dashboard(JsonNode json) {

    static final String FILE = "deploy/observability/dashboard.json";

    static Dashboard read() {
        try {
            return new Dashboard(Api.MAPPER.readTree(Repository.read(FILE)));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All panels but the headings of rows. */
    List<JsonNode> panels() {
        return json.path("panels").valueStream().filter(panel -> !panel.path("type").asText().equals("row")).toList();
    }

    /** In PromQL, with what Grafana puts in at last replaced by something of its kind. */
    List<String> expressions() {
        return panels().stream()
                .flatMap(panel -> panel.path("targets").valueStream())
                .map(target -> target.path("expr").asText().replace("$__rate_interval", "5m"))
                .toList();
    }

    /** What the variables of the dashboard are filled from. */
    List<String> variables() {
        return json.path("templating").path("list").valueStream().map(variable -> variable.path("name").asText()).toList();
    }
}
