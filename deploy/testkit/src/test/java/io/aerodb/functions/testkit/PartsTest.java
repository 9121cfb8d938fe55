package io.aerodb.functions.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class PartsTest {

    private static final BooleanSupplier NOT_TO_BE_ASKED = () -> {
        throw new AssertionError("asked Docker although the setting decides");
    };

    @Test
    void areContainersWhereDockerAnswers() {
        assertEquals(Parts.DOCKER, Parts.choose(Optional.empty(), () -> true));
        assertEquals(Parts.EMBEDDED, Parts.choose(Optional.empty(), () -> false));
    }

    @Test
    void areWhatTheSettingSaysWithoutAskingDocker() {
        assertEquals(Parts.EMBEDDED, Parts.choose(Optional.of("embedded"), NOT_TO_BE_ASKED));
        assertEquals(Parts.DOCKER, Parts.choose(Optional.of("docker"), NOT_TO_BE_ASKED));
    }

    @Test
    void refusesASettingItDoesNotKnow() {
        var setting = Optional.of("podman");
        var failure = assertThrows(IllegalArgumentException.class, () -> Parts.choose(setting, NOT_TO_BE_ASKED));
        assertEquals("AEROFN_TEST_PARTS must be 'embedded' or 'docker', not 'podman'", failure.getMessage());
    }
}
