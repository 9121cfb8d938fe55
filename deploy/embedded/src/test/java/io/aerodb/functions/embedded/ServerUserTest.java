package io.aerodb.functions.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ServerUserTest {

    private static final List<String> COMMAND = List.of("postgres", "-D", "data");

    @Test
    void anOrdinaryUserRunsTheServerItself() {
        assertEquals(COMMAND, new ServerUser.Caller(1000).as(COMMAND));
    }

    @Test
    void rootGivesItsPowersUp() {
        assertEquals(
                List.of("unshare", "-U", "postgres", "-D", "data"), new ServerUser.UserNamespace().as(COMMAND));
    }
}
