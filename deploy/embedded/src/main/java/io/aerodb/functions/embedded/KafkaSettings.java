package io.aerodb.functions.embedded;

import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/** What a single node that is broker and controller at once has to be told. */
final class KafkaSettings {

    static final int NODE_ID = 1;
    static final String CONTROLLER_LISTENER = "CONTROLLER";

    private static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
    private static final int CLEANER_BUFFER_BYTES = 4 * 1024 * 1024;

    private KafkaSettings() {}

    static Properties of(Path dataDirectory, int brokerPort, int controllerPort) {
        var settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", String.valueOf(NODE_ID));
        settings.put("log.dirs", dataDirectory.toString());
        addListeners(settings, brokerPort, controllerPort);
        addInternalTopics(settings);
        addBrokerSession(settings);
        addThreads(settings);
        settings.put("auto.create.topics.enable", "false");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("message.max.bytes", String.valueOf(MAX_MESSAGE_BYTES));
        // by default the cleaner takes 128 MiB of heap
        settings.put("log.cleaner.dedupe.buffer.size", String.valueOf(CLEANER_BUFFER_BYTES));
        return settings;
    }

    private static void addListeners(Properties settings, int brokerPort, int controllerPort) {
        String broker = "PLAINTEXT://127.0.0.1:" + brokerPort;
        String controller = "127.0.0.1:" + controllerPort;
        // A static quorum: it may move to another port at every start.
        settings.put("controller.quorum.voters", NODE_ID + "@" + controller);
        settings.put("controller.listener.names", CONTROLLER_LISTENER);
        settings.put("listeners", broker + "," + CONTROLLER_LISTENER + "://" + controller);
        settings.put("advertised.listeners", broker);
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
    }

    private static void addInternalTopics(Properties settings) {
        for (String replicas : List.of(
                "default.replication.factor",
                "min.insync.replicas",
                "offsets.topic.replication.factor",
                "transaction.state.log.replication.factor",
                "transaction.state.log.min.isr",
                "share.coordinator.state.topic.replication.factor",
                "share.coordinator.state.topic.min.isr")) {
            settings.put(replicas, "1");
        }
        for (String partitions : List.of(
                "offsets.topic.num.partitions",
                "transaction.state.log.num.partitions",
                "share.coordinator.state.topic.num.partitions")) {
            settings.put(partitions, "4");
        }
    }

    private static void addBrokerSession(Properties settings) {
        // A broker that gets no processor for so long is taken out of service. After a kill, a restart waits until the old session is over.
        settings.put("broker.session.timeout.ms", "6000");
        // a start waits for heartbeats, one after the other
        settings.put("broker.heartbeat.interval.ms", "250");
    }

    /** Kafka's own numbers, 3 and 8, are for a machine that has nothing else to do: on a small one their threads get in each other's way. */
    private static void addThreads(Properties settings) {
        var processors = Runtime.getRuntime().availableProcessors();
        settings.put("num.network.threads", String.valueOf(Math.clamp(processors / 2, 1, 3)));
        settings.put("num.io.threads", String.valueOf(Math.clamp(processors, 2, 8)));
    }
}
