package io.aerodb.functions.triggerbridge.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.debezium.engine.DebeziumEngine.Offsets;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.source.SourceRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private final Engine engine = new Engine();

    @AfterEach
    void stop() {
        engine.mayKeep.release(1000);
        engine.progress.close();
    }

    @Test
    void marksNothingMoreWhileItKeepsWhatWasMarked() throws InterruptedException {
        engine.dealtWith("one");
        engine.lookUntil(() -> engine.keeping.get() == 1);
        engine.dealtWith("two");
        engine.look(10);
        assertEquals(List.of("one"), engine.marked, "the server is told what was marked last, so that must have been kept");
        engine.mayKeep.release();
        engine.lookUntil(() -> engine.marked.size() == 2);
        assertEquals(List.of("one", "two"), engine.marked);
    }

    @Test
    void keepsWhatIsLeftWhenItIsClosed() throws InterruptedException {
        engine.mayKeep.release(1000);
        engine.dealtWith("one");
        engine.lookUntil(() -> engine.kept.get() > 0);
        engine.dealtWith("two");
        var before = engine.kept.get();
        engine.progress.close();
        assertEquals(List.of("one", "two"), engine.marked);
        assertTrue(engine.kept.get() > before);
        engine.dealtWith("what was under way");
        assertEquals("what was under way", engine.marked.getLast());
    }

    @Test
    void keepsNothingOfASlotThatIsAnother() throws InterruptedException {
        engine.lost = true;
        engine.dealtWith("one");
        engine.lookUntil(engine.progress::hasFailed);
        engine.dealtWith("two");
        engine.look(10);
        engine.progress.close();
        assertEquals(List.of(), engine.marked);
        assertEquals(0, engine.keeping.get());
    }

    @Test
    void readsNoFurtherWhereAnotherBridgeKeepsTheProgress() throws InterruptedException {
        engine.mayKeep.release(1000);
        engine.ours = false;
        engine.dealtWith("one");
        engine.lookUntil(engine.progress::hasFailed);
    }

    /** What Debezium does: it asks after each look for changes, and keeps what was marked. */
    private static final class Engine implements RecordCommitter<RecordChangeEvent<SourceRecord>> {

        final List<String> marked = new CopyOnWriteArrayList<>();
        final AtomicInteger keeping = new AtomicInteger();
        final AtomicInteger kept = new AtomicInteger();
        final Semaphore mayKeep = new Semaphore(0);
        volatile boolean lost;
        volatile boolean ours = true;
        final Progress progress = new Progress(() -> {
            if (lost) {
                throw new SlotLostException("another slot");
            }
        }, () -> ours);

        void dealtWith(String offset) throws InterruptedException {
            var record = new SourceRecord(Map.of(), Map.of("offset", offset), "topic", null, null);
            progress.dealtWith(() -> record, this);
        }

        void look(int times) {
            for (var i = 0; i < times; i++) {
                progress.performCommit(0, Duration.ZERO);
            }
        }

        void lookUntil(Callable<Boolean> condition) {
            Awaitility.await().atMost(Duration.ofSeconds(30)).pollInSameThread().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> {
                look(1);
                return condition.call();
            });
        }

        @Override
        public void markProcessed(RecordChangeEvent<SourceRecord> event) {
            marked.add((String) event.record().sourceOffset().get("offset"));
        }

        @Override
        public void markBatchFinished() throws InterruptedException {
            if (progress.performCommit(0, Duration.ZERO)) {
                keeping.incrementAndGet();
                mayKeep.acquire();
                kept.incrementAndGet();
            }
        }

        @Override
        public void markProcessed(RecordChangeEvent<SourceRecord> event, Offsets offsets) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Offsets buildOffsets() {
            throw new UnsupportedOperationException();
        }
    }
}
