package io.aerodb.functions.system;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The metrics that {@code docs/observability.md} describes. */
record MetricsTable(List<Row> rows) {

    private static final Pattern ROW = Pattern.compile(
            "^\\| `([a-z0-9_]+)`(?: ([†‡]))? \\| (counter|gauge|histogram|summary) \\| ([^|]*)\\| [^|]+ \\| ([^|]+) \\| .+ \\|$", Pattern.MULTILINE);
    private static final Set<String> SERVICES = Set.of("gateway", "worker", "scheduler", "bridge");

    /**
     * @param mark † where it is there only from when it has something to tell, ‡ where it may never be, and else empty
     * @param labels without {@code service}
     */
    record Row(String name, String mark, String type, Set<String> labels, Set<String> services) {}

    static MetricsTable read() {
        return new MetricsTable(ROW.matcher(Repository.read("docs/observability.md")).results().map(MetricsTable::row).toList());
    }

    private static Row row(MatchResult row) {
        var services = row.group(5).equals("all") ? SERVICES : words(row.group(5));
        return new Row(row.group(1), Objects.requireNonNullElse(row.group(2), ""), row.group(3), words(row.group(4).replace("`", "")), services);
    }

    private static Set<String> words(String list) {
        return Arrays.stream(list.split(",")).map(String::strip).filter(word -> !word.isEmpty()).collect(Collectors.toUnmodifiableSet());
    }
}
