package io.aerodb.functions.triggerbridge.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.RowOperation;
import io.aerodb.functions.triggerbridge.capture.Change;
import io.aerodb.functions.triggerbridge.capture.RowImage;
import io.aerodb.functions.triggerbridge.dispatch.TriggerTable.Target;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class BatchesTest {

    private static final Target SHORT = target("short", "{'size': 4, 'window_ms': 50}", "key");
    private static final Target LONG = target("long", "{'size': 10, 'window_ms': 1000, 'groups': 3}", "key");
    private static final Target LOOSE = target("loose", "{'size': 5, 'window_ms': 200}", "none");

    private final Requests requests = new Requests("system/1", new SimpleMeterRegistry(), Clock.systemUTC());

    /** Something in the log. @param mark the longest window that is over, in milliseconds; 0 for a change */
    private record Event(Target target, Change.Row change, Identity identity, int mark) {}

    /** What one reading of the log has made of it. */
    private static final class Reading {

        private final Map<InvocationId, List<Long>> batches = new LinkedHashMap<>();
        private final List<Section> sections = new ArrayList<>();
        private final List<Batch> order = new ArrayList<>();
        private final Set<Duration> awaited = new HashSet<>();
    }

    @Test
    void makesTheSameBatchesWhereverReadingMayBeginAgain() throws Exception {
        var begun = 0;
        for (var seed = 0; seed < 200; seed++) {
            var log = log(new Random(seed), 120);
            var whole = read(log);
            for (var place = 0; place < log.size(); place++) {
                var section = whole.sections.get(place);
                assertTrue(section.isDurable());
                if (section.isBoundary()) {
                    begun++;
                    var again = read(log.subList(place + 1, log.size()));
                    assertTrue(whole.batches.entrySet().containsAll(again.batches.entrySet()), "seed " + seed + " from " + place);
                }
            }
        }
        assertTrue(begun > 1000, "now and then reading may begin again, and not only at the ends: " + begun);
    }

    @Test
    void tellsEveryChangeOnceAndThoseOfARowInOrder() throws Exception {
        for (var seed = 0; seed < 200; seed++) {
            var log = log(new Random(seed), 200);
            var whole = read(log);
            var changes = log.stream().flatMap(List::stream).filter(event -> event.mark == 0).toList();
            assertEquals(changes.size(), whole.batches.values().stream().mapToInt(List::size).sum());
            var last = new HashMap<String, Long>();
            var byPlace = new HashMap<Long, Event>();
            changes.forEach(event -> byPlace.put(event.change.lsn(), event));
            for (var told : whole.batches.values()) {
                var identities = told.stream().map(lsn -> byPlace.get(lsn).identity).distinct().toList();
                assertEquals(1, identities.size(), "nobody's changes are told with those of others");
                for (var lsn : told) {
                    var event = byPlace.get(lsn);
                    if (event.target != LOOSE) {
                        var before = last.put(event.target.function().id() + "/" + event.change.key(), lsn);
                        assertTrue(before == null || before < lsn, "seed " + seed);
                    }
                }
            }
            for (var batch : whole.order) {
                assertTrue(batch.size() <= 10);
                assertEquals(batch.function().name().value().equals("loose"), batch.orderedBy() == null);
            }
        }
    }

    @Test
    void waitsUntilTheWindowIsOver() throws Exception {
        var first = event(SHORT, 1, 1, 0, Identity.ANONYMOUS);
        var inTime = event(SHORT, 2, 2, 49, Identity.ANONYMOUS);
        var late = event(SHORT, 3, 3, 50, Identity.ANONYMOUS);
        var reading = read(List.of(List.of(first), List.of(inTime), List.of(late)));
        assertEquals(List.of(List.of(1L, 2L), List.of(3L)), List.copyOf(reading.batches.values()));
        assertFalse(reading.sections.get(0).isBoundary());
        assertTrue(reading.sections.get(1).isBoundary(), "nothing goes on across the place where a window has passed");
        assertEquals(Set.of(Duration.ofMillis(50)), reading.awaited);
    }

    @Test
    void holdsSectionsUntilTheirBatchIsAcknowledged() throws Exception {
        var made = new ArrayList<Batch>();
        var batches = new Batches(made::add, _ -> { });
        var section = new Section();
        var event = event(SHORT, 1, 1, 0, Identity.ANONYMOUS);
        batches.add(event.target, new ToldChange(event.change), new byte[10], event.identity, Lineage.NONE, section);
        batches.ended(section);
        section.onCompletion(null, null);
        assertFalse(section.isDurable(), "its change waits");
        batches.close(Duration.ofMillis(49));
        assertTrue(made.isEmpty());
        batches.close(Duration.ofMillis(50));
        assertFalse(section.isDurable(), "Kafka has not acknowledged it");
        made.getFirst().acknowledged().onCompletion(null, null);
        assertTrue(section.isDurable());
        assertTrue(section.isBoundary());
        assertFalse(section.isSettled(), "a batch was open at its end");
        var after = new Section();
        batches.ended(after);
        assertTrue(after.isSettled());
    }

    @Test
    void letsReadingNotGoOnBehindABatchThatCannotBeTold() throws Exception {
        var batches = new Batches(_ -> {
            throw new IllegalStateException("a defect");
        }, _ -> { });
        var section = new Section();
        var event = event(SHORT, 1, 1, 0, Identity.ANONYMOUS);
        batches.add(event.target, new ToldChange(event.change), new byte[10], event.identity, Lineage.NONE, section);
        section.onCompletion(null, null);
        assertThrows(IllegalStateException.class, () -> batches.close(Duration.ofSeconds(1)));
        assertThrows(KafkaException.class, section::isDurable);
    }

    @Test
    void isBoundedInBytes() throws Exception {
        var made = new ArrayList<Batch>();
        var batches = new Batches(made::add, _ -> { });
        for (var i = 0; i < 5; i++) {
            var event = event(LONG, i + 1, 3, 0, Identity.ANONYMOUS);
            batches.add(event.target, new ToldChange(event.change), new byte[1 << 20], event.identity, Lineage.NONE, new Section());
        }
        assertEquals(List.of(3), made.stream().map(Batch::size).toList(), "a batch has at most 4 MiB with what stands around its changes");
        for (var i = 0; i < 20; i++) {
            var event = event(target("f" + i, "{'size': 100}", "none"), i + 10, i, 0, Identity.ANONYMOUS);
            batches.add(event.target, new ToldChange(event.change), new byte[1 << 20], event.identity, Lineage.NONE, new Section());
        }
        assertTrue(made.size() > 10, "all that waits has at most 16 MiB");
    }

    @Test
    void goesBackToTheDeepestCause() throws Exception {
        var made = new ArrayList<Batch>();
        var batches = new Batches(made::add, _ -> { });
        for (var depth : List.of(0, 3, 1)) {
            var event = event(SHORT, depth + 1, depth, 0, Identity.ANONYMOUS);
            var lineage = depth == 0 ? Lineage.NONE : new Lineage(new InvocationId(new UUID(7, depth)), depth, null);
            batches.add(event.target, new ToldChange(event.change), new byte[10], event.identity, lineage, new Section());
        }
        batches.close(Duration.ofSeconds(1));
        assertEquals(new Lineage(new InvocationId(new UUID(7, 3)), 3, null), made.getFirst().lineage());
    }

    private Reading read(List<List<Event>> log) throws InterruptedException {
        var reading = new Reading();
        var batches = new Batches(batch -> {
            reading.order.add(batch);
            var told = batch.changes().stream().map(json -> Long.valueOf(new String(json, StandardCharsets.UTF_8))).toList();
            assertNull(reading.batches.put(requests.ofBatch(batch).id(), told), "no two batches have one id");
            batch.acknowledged().onCompletion(null, null);
        }, reading.awaited::add);
        for (var transaction : log) {
            var section = new Section();
            for (var event : transaction) {
                if (event.mark > 0) {
                    batches.close(Duration.ofMillis(event.mark));
                } else {
                    batches.passed(event.change.committedAt());
                    var json = String.valueOf(event.change.lsn()).getBytes(StandardCharsets.UTF_8);
                    batches.add(event.target, new ToldChange(event.change), json, event.identity, Lineage.NONE, section);
                }
            }
            batches.ended(section);
            section.onCompletion(null, null);
            reading.sections.add(section);
        }
        batches.close(Duration.ofMinutes(1));
        return reading;
    }

    private static List<List<Event>> log(Random random, int transactions) {
        var log = new ArrayList<List<Event>>();
        var lsn = 0L;
        var millis = 0;
        for (var i = 0; i < transactions; i++) {
            var transaction = new ArrayList<Event>();
            millis += random.nextInt(40) - 3; // clocks of sessions differ a little
            if (random.nextInt(10) == 0) {
                transaction.add(new Event(SHORT, event(SHORT, 0, 0, 0, Identity.ANONYMOUS).change, Identity.ANONYMOUS, List.of(50, 200, 1000).get(random.nextInt(3))));
            }
            var identity = random.nextInt(3) == 0 ? Identity.SERVICE : Identity.ANONYMOUS;
            for (var rows = random.nextInt(random.nextInt(10) == 0 ? 30 : 3); rows > 0; rows--) {
                transaction.add(event(List.of(SHORT, LONG, LOOSE).get(random.nextInt(3)), ++lsn, random.nextInt(12), millis, identity));
            }
            log.add(transaction);
        }
        return log;
    }

    private static Event event(Target target, long lsn, long row, int millis, Identity identity) {
        var values = Map.<String, Object>of("id", row);
        return new Event(target, new Change.Row(target.trigger().table(), RowOperation.INSERT, values, null, new RowImage(values, Set.of()),
                1, lsn, lsn, Instant.EPOCH.plusMillis(millis)), identity, 0);
    }

    private static Target target(String name, String batch, String ordering) {
        var config = FunctionConfigJson.parse("{'triggers': [{'type': 'database', 'table': 'rows', 'operations': ['insert'], 'ordering': '%s', 'batch': %s}]}"
                .formatted(ordering, batch).replace('\'', '"'));
        var function = new DeployedFunction(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)), new FunctionName(name), 1,
                ModuleHash.of(new byte[0]), 0, config, 1, Instant.EPOCH, Instant.EPOCH, List.of());
        return new Target(function, (DatabaseTrigger) config.triggers().getFirst(), null);
    }
}
