package io.aerodb.functions.triggerbridge.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class OutstandingTest {

    private long nanos;
    private final Outstanding<String> outstanding = new Outstanding<>(() -> nanos);

    private static final class Changes implements Handled {

        private boolean durable;
        private boolean boundary = true;
        private boolean settled;

        @Override
        public boolean isDurable() {
            return durable;
        }

        @Override
        public boolean isBoundary() {
            return boundary;
        }

        @Override
        public boolean isSettled() {
            return settled;
        }
    }

    @Test
    void reachesNoPlaceBeforeAllThatStandsBeforeIt() {
        var first = new Changes();
        var within = new Changes();
        var second = new Changes();
        outstanding.add("first", first);
        outstanding.add(null, within);
        outstanding.add("soon after", second);
        within.durable = true;
        second.durable = true;
        assertNull(outstanding.reached());
        first.durable = true;
        assertEquals("first", outstanding.reached(), "of places that are close together one is enough");
        assertNull(outstanding.reached());
        outstanding.add("third", within);
        nanos = 200_000_000;
        outstanding.add("fourth", second);
        assertEquals("fourth", outstanding.reached());
    }

    @Test
    void takesTheFirstPlaceThatIsKnownToBeABoundaryHoweverSoonItComes() {
        var crossed = new Changes();
        crossed.boundary = false;
        var settled = new Changes();
        settled.settled = true;
        crossed.durable = true;
        settled.durable = true;
        outstanding.add("to be crossed", crossed);
        outstanding.add("crossed as well", crossed);
        outstanding.add("settled", settled);
        outstanding.add("settled soon after", settled);
        assertEquals("settled", outstanding.reached(), "one is enough");
    }

    @Test
    void passesOverPlacesThatAreNoBoundary() {
        var crossed = new Changes();
        crossed.durable = true;
        crossed.boundary = false;
        outstanding.add("crossed", crossed);
        assertNull(outstanding.reached());
    }
}
