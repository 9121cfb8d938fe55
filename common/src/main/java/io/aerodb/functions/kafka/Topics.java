package io.aerodb.functions.kafka;

import io.aerodb.functions.configuration.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The topics of the system: their names, which never change, and how they are made.
 *
 * @param requestPartitions of the interactive lane: an upper bound for the workers that share it
 * @param replyPartitions an upper bound for the gateways that do not read each other's replies
 * @param outcomePartitions an upper bound for the recorders
 * @param replication copies of every partition; 3 in production
 */
public record Topics(int requestPartitions, int replyPartitions, int outcomePartitions, int replication) {

    /** Interactive lane: requests whose caller waits. */
    public static final String INVOKE = "functions.invoke";
    /** Answers, each on the partition its gateway reads. */
    public static final String REPLIES = "functions.replies";
    /** The outcome log: how every invocation ended. */
    public static final String INVOCATIONS = "functions.invocations";
    /** Requests that cannot be run, with the reason. */
    public static final String DEAD_LETTERS = "functions.dead-letters";

    /** Room for the largest output with its headers. */
    public static final int MAX_RECORD_BYTES = 8 * 1024 * 1024;

    public static Topics read(Settings settings) {
        return new Topics(
                settings.integer("kafka.request-partitions", 12, 1, 1000, "Partitions of functions.invoke when it is created; no more workers than this share the lane"),
                settings.integer("kafka.reply-partitions", 12, 1, 1000, "Partitions of functions.replies when it is created; one for each gateway is ideal"),
                settings.integer("kafka.outcome-partitions", 6, 1, 1000, "Partitions of functions.invocations when it is created"),
                settings.integer("kafka.replication", 1, 1, 9, "Replication factor of topics when they are created; 3 in production"));
    }

    List<NewTopic> definitions() {
        return List.of(
                topic(INVOKE, requestPartitions, Duration.ofDays(7)),
                topic(REPLIES, replyPartitions, Duration.ofMinutes(30)),
                topic(INVOCATIONS, outcomePartitions, Duration.ofDays(7)),
                topic(DEAD_LETTERS, 1, Duration.ofDays(30)));
    }

    private NewTopic topic(String name, int partitions, Duration retention) {
        return new NewTopic(name, Optional.of(partitions), Optional.of((short) replication)).configs(Map.of(
                TopicConfig.RETENTION_MS_CONFIG, String.valueOf(retention.toMillis()),
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(MAX_RECORD_BYTES)));
    }
}
