package io.aerodb.functions.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class SharedAndOwnKafkaIT {

    @Test
    void theSharedBrokerIsOneForTheWholeJvmAndCannotBeStopped() {
        var kafka = TestKafka.shared();
        assertSame(kafka, TestKafka.shared());
        assertThrows(IllegalStateException.class, kafka::stop);
        assertThrows(IllegalStateException.class, kafka::close);
    }

    @Test
    void anOwnBrokerKeepsItsAddressAndItsTopicsOverAnOutage() throws Exception {
        try (var kafka = TestKafka.own()) {
            assertNotEquals(TestKafka.shared().bootstrap(), kafka.bootstrap());
            String address = kafka.bootstrap();
            try (var admin = admin(address)) {
                admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1))).all().get();

                kafka.stop();
                kafka.start();

                assertEquals(address, kafka.bootstrap());
                assertEquals(Set.of("kept"), admin.listTopics().names().get());
            }
        }
    }

    private static Admin admin(String bootstrap) {
        return Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap));
    }
}
