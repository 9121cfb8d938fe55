package io.aerodb.functions.triggerbridge.realtime;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.RunAs;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.trigger.Batching;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.TableName;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * The tables whose committed changes are published.
 *
 * @param topics by their tables
 * @param partitions of each topic when it is created
 * @param retention how long each topic keeps changes when it is created
 */
public record RealtimeTables(Map<TableName, String> topics, int partitions, Duration retention) {

    private static final String TABLES = "bridge.realtime-tables";
    /** Ours and PostgreSQL's. */
    private static final Set<String> FORBIDDEN_SCHEMAS = Set.of("aerodb", "aerodb_guest", "aerodb_bridge", "pg_catalog", "information_schema", "pg_toast");

    public RealtimeTables {
        topics = Map.copyOf(topics);
    }

    public static RealtimeTables read(Settings settings) {
        var tables = settings.text(TABLES, "",
                "Tables whose committed changes are published, each to a topic of its own, as schema.table, several separated by commas. Empty: none");
        return new RealtimeTables(
                topics(tables, settings),
                settings.integer("bridge.realtime-partitions", 12, 1, 1000, "Partitions of each of these topics when it is created; changes of one row stay in one"),
                settings.duration("bridge.realtime-retention", Duration.ofDays(1), Duration.ofMinutes(10), Duration.ofDays(365),
                        "How long these topics keep changes when they are created"));
    }

    private static Map<TableName, String> topics(String tables, Settings settings) {
        var topics = new LinkedHashMap<TableName, String>();
        for (var each : Arrays.stream(tables.split(",")).map(String::strip).filter(text -> !text.isEmpty()).toList()) {
            var table = TableName.parse(each);
            if (table.isEmpty()) {
                settings.problem(TABLES, "has '" + each + "': write each as schema.table, as it was created, without quotes");
                continue;
            }
            if (FORBIDDEN_SCHEMAS.contains(table.get().schema())) {
                settings.problem(TABLES, "has '" + each + "': tables of this schema cannot be published");
            }
            var topic = ChangeTopic.of(table.get());
            if (topic.length() > ChangeTopic.MAX_CHARS) {
                settings.problem(TABLES, "has '" + each + "', whose topic would have " + topic.length() + " characters, as its name is spelt out: Kafka allows " + ChangeTopic.MAX_CHARS);
            }
            topics.entrySet().stream()
                    .filter(other -> !other.getKey().equals(table.get()) && ChangeTopic.asInMetrics(other.getValue()).equals(ChangeTopic.asInMetrics(topic)))
                    .forEach(other -> settings.problem(TABLES, "has '" + other.getKey() + "' and '" + each + "', whose topics Kafka does not tell apart: leave one of them out"));
            topics.put(table.get(), topic);
        }
        return topics;
    }

    /** Where changes of this table are published, if they are. */
    public Optional<String> topic(TableName table) {
        return Optional.ofNullable(topics.get(table));
    }

    /** How the topics are made. */
    public List<NewTopic> definitions(Topics system) {
        return topics.values().stream().sorted().map(topic -> system.topic(topic, partitions, retention)).toList();
    }

    /** What has to be captured of them: as if there were triggers for every change. */
    public List<DatabaseTrigger> captured() {
        return topics.keySet().stream().map(table -> new DatabaseTrigger(
                table, DatabaseTrigger.ALL_OPERATIONS, List.of(), null, RunAs.CALLER, DatabaseTrigger.Ordering.KEY, Batching.NONE)).toList();
    }
}
