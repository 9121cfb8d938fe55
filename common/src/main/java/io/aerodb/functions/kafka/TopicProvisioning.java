package io.aerodb.functions.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the topics that are missing, and tells how many partitions there really are. */
public final class TopicProvisioning {

    private static final Logger LOG = LoggerFactory.getLogger(TopicProvisioning.class);
    private static final Duration PAUSE = Duration.ofMillis(250);

    private TopicProvisioning() {}

    /**
     * Waits for Kafka as long as it takes; safe to run from many services at once.
     *
     * @return the partitions of each topic by its name
     * @throws InterruptedException if the service is being stopped meanwhile
     */
    public static Map<String, Integer> ensure(Kafka kafka, Topics topics) throws InterruptedException {
        return ensure(kafka, topics.definitions());
    }

    /** The same, for topics that are not those of the system. */
    public static Map<String, Integer> ensure(Kafka kafka, List<NewTopic> topics) throws InterruptedException {
        try (var admin = kafka.admin()) {
            for (var attempt = 1; ; attempt++) {
                try {
                    create(admin, topics);
                    return partitions(admin, topics);
                } catch (ExecutionException e) {
                    if (attempt % 20 == 1) {
                        LOG.atWarn().addKeyValue("bootstrap", kafka.bootstrap()).log("waiting for Kafka: {}", e.getCause().getMessage());
                    }
                    Thread.sleep(PAUSE);
                }
            }
        }
    }

    private static void create(Admin admin, List<NewTopic> topics) throws ExecutionException, InterruptedException {
        var existing = admin.listTopics().names().get();
        var missing = topics.stream().filter(topic -> !existing.contains(topic.name())).toList();
        for (var creation : admin.createTopics(missing).values().entrySet()) {
            try {
                creation.getValue().get();
                LOG.atInfo().addKeyValue("topic", creation.getKey()).log("created topic");
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
    }

    private static Map<String, Integer> partitions(Admin admin, List<NewTopic> topics) throws ExecutionException, InterruptedException {
        var names = topics.stream().map(NewTopic::name).collect(Collectors.toSet());
        var partitions = new HashMap<String, Integer>();
        for (var description : admin.describeTopics(names).topicNameValues().entrySet()) {
            try {
                partitions.put(description.getKey(), description.getValue().get().partitions().size());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                    throw new ExecutionException("topic " + description.getKey() + " is not there yet", e.getCause());
                }
                throw e;
            }
        }
        return partitions;
    }
}
