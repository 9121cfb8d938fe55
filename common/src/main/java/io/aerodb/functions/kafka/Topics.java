package io.aerodb.functions.kafka;

import io.aerodb.functions.configuration.Settings;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The topics of the system: their names, which never change, and how they are made.
 *
 * @param requestPartitions of the interactive lane: an upper bound for the workers that share it
 * @param eventPartitions of the events lane: an upper bound for the workers that share it
 * @param replyPartitions an upper bound for the gateways that do not read each other's replies
 * @param outcomePartitions an upper bound for the recorders
 * @param requestRetention how long requests can be retried and replayed
 * @param resultRetention how long outputs can be fetched
 * @param replication copies of every partition; 3 in production
 * @param minInSync copies that a record must have before it counts as written
 */
public record Topics(int requestPartitions, int eventPartitions, int replyPartitions, int outcomePartitions, Duration requestRetention,
        Duration resultRetention, int replication, int minInSync) {

    /** Interactive lane: requests whose caller waits. */
    public static final String INVOKE = "functions.invoke";
    /** Events lane: requests nobody waits for, in order where they share a key. */
    public static final String EVENTS = "functions.events";
    /** Requests whose time is to come; nobody follows them, each is read from its place when it is due. */
    public static final String DELAYED = "functions.delayed";
    /** Answers, each on the partition its gateway reads. */
    public static final String REPLIES = "functions.replies";
    /** The outcome log: how every invocation ended. */
    public static final String INVOCATIONS = "functions.invocations";
    /** Requests that cannot be run, with the reason. */
    public static final String DEAD_LETTERS = "functions.dead-letters";

    /** How long {@link #DEAD_LETTERS} keeps them, unless an operator has changed the topic. */
    public static final Duration DEAD_LETTER_RETENTION = Duration.ofDays(30);

    /** Room for the largest output with its headers. */
    public static final int MAX_RECORD_BYTES = 8 * 1024 * 1024;

    public static Topics read(Settings settings) {
        var replication = settings.integer("kafka.replication", 1, 1, 9, "Replication factor of topics when they are created; 3 in production");
        var minInSync = settings.integer("kafka.min-in-sync", 0, 0, 9,
                "Copies that a record must have before it counts as written, for topics when they are created; 0 for one fewer than there are, and at least 1");
        if (minInSync > replication) {
            settings.problem("kafka.min-in-sync", "is " + minInSync + ", and topics have only " + replication + " copies: nothing could be written");
        }
        return new Topics(
                settings.integer("kafka.request-partitions", 12, 1, 1000, "Partitions of functions.invoke when it is created; no more workers than this share the lane"),
                settings.integer("kafka.event-partitions", 12, 1, 1000, "Partitions of functions.events when it is created; no more workers than this share the lane"),
                settings.integer("kafka.reply-partitions", 12, 1, 1000, "Partitions of functions.replies when it is created; one for each gateway is ideal"),
                settings.integer("kafka.outcome-partitions", 6, 1, 1000, "Partitions of functions.invocations when it is created"),
                settings.duration("kafka.request-retention", Duration.ofDays(7), Duration.ofHours(1), Duration.ofDays(365),
                        "How long functions.invoke, functions.events and functions.delayed keep requests when they are created: until then they can be retried and replayed; six sevenths of it is the longest delay"),
                settings.duration("kafka.result-retention", Duration.ofDays(1), Duration.ofMinutes(10), Duration.ofDays(365),
                        "How long functions.replies keeps outputs when it is created: until then they can be fetched"),
                replication,
                minInSync == 0 ? Math.max(1, replication - 1) : minInSync);
    }

    /** How far ahead the start of an invocation may be: when it is due, its request must still be there for a while. */
    public Duration longestDelay() {
        return requestRetention.multipliedBy(6).dividedBy(7).truncatedTo(ChronoUnit.SECONDS);
    }

    List<NewTopic> definitions() {
        return List.of(
                topic(INVOKE, requestPartitions, requestRetention),
                topic(EVENTS, eventPartitions, requestRetention),
                topic(DELAYED, eventPartitions, requestRetention),
                topic(REPLIES, replyPartitions, resultRetention),
                topic(INVOCATIONS, outcomePartitions, Duration.ofDays(7)),
                topic(DEAD_LETTERS, 1, DEAD_LETTER_RETENTION));
    }

    /** A topic that is copied as all others are. */
    public NewTopic topic(String name, int partitions, Duration retention) {
        return new NewTopic(name, Optional.of(partitions), Optional.of((short) replication)).configs(Map.of(
                TopicConfig.RETENTION_MS_CONFIG, String.valueOf(retention.toMillis()),
                TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, String.valueOf(minInSync),
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(MAX_RECORD_BYTES)));
    }
}
