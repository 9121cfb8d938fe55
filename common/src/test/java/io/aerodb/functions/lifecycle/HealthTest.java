package io.aerodb.functions.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HealthTest {

    @Test
    void isReadyWhenEverythingIsUp() {
        var report = new Health().dependency("kafka", () -> true).report();
        assertTrue(report.isReady());
        assertEquals("{\"status\":\"ready\",\"dependencies\":{\"kafka\":\"up\"}}", report.toJson());
    }

    @Test
    void namesWhatIsDown() {
        var report = new Health().dependency("kafka", () -> true).dependency("postgres", () -> false).report();
        assertFalse(report.isReady());
        assertEquals("{\"status\":\"not_ready\",\"dependencies\":{\"kafka\":\"up\",\"postgres\":\"down\"}}", report.toJson());
    }

    @Test
    void tellsItsDependenciesAsMetrics() {
        var up = new AtomicBoolean();
        var metrics = new SimpleMeterRegistry();
        new Health().dependency("kafka", up::get).optional("postgres", () -> true).bindTo(metrics);
        assertEquals(0, metrics.get("dependency.up").tag("dependency", "kafka").gauge().value());
        up.set(true);
        assertEquals(1, metrics.get("dependency.up").tag("dependency", "kafka").gauge().value());
        assertEquals(1, metrics.get("dependency.up").tag("dependency", "postgres").gauge().value());
    }
}
