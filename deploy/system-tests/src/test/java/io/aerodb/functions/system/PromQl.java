package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.DeserializationFeature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What an expression in PromQL asks for, as the grammar of Prometheus tells it.
 *
 * @param errors where it is no PromQL
 * @param grouping labels that it groups or matches by
 */
record PromQl(List<String> errors, List<Selector> selectors, List<String> grouping) {

    record Selector(String metric, List<Matcher> matchers) {}

    record Matcher(String label, String operator, String value) {}

    /** In the order of the expressions; needs npm. */
    static List<PromQl> parse(List<String> expressions) throws Exception {
        var grammar = NpmPackages.install("promql");
        var file = Path.of(grammar.path("expressions.json"));
        Files.writeString(file, Api.MAPPER.writeValueAsString(expressions));
        var ended = AerofnCommand.run(Map.of(), List.of(grammar.node(), grammar.path("selectors.js"), file.toString()));
        assertEquals(0, ended.status(), ended::output);
        return List.of(Api.MAPPER.readerFor(PromQl[].class).with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .<PromQl[]>readValue(ended.output()));
    }
}
