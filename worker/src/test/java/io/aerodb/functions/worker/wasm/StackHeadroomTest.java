package io.aerodb.functions.worker.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class StackHeadroomTest {

    @Test
    void failsWhileThereIsStillRoom() throws Exception {
        try (var thread = Executors.newSingleThreadExecutor(new GuestThreads())) {
            assertEquals(100, thread.submit(StackHeadroomTest::descendUntilRefused).get());
        }
    }

    private static int descendUntilRefused() {
        try {
            StackHeadroom.prove();
        } catch (StackOverflowError e) {
            return useRoom(100);
        }
        return descendUntilRefused();
    }

    private static int useRoom(int frames) {
        return frames == 0 ? 0 : 1 + useRoom(frames - 1);
    }
}
