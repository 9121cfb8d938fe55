package io.aerodb.functions.testkit;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.testcontainers.DockerClientFactory;

/** Where the servers that tests use come from. */
enum Parts {
    EMBEDDED,
    DOCKER;

    /** System property, or else environment variable, that spares a test run the question whether Docker answers. */
    static final String SETTING = "AEROFN_TEST_PARTS";

    /** The same for all of this JVM: asking Docker takes seconds where it does not answer. */
    static Parts chosen() {
        return Choice.MADE;
    }

    static Parts choose(Optional<String> setting, BooleanSupplier dockerAnswers) {
        return switch (setting.orElse("")) {
            case "embedded" -> EMBEDDED;
            case "docker" -> DOCKER;
            case "" -> dockerAnswers.getAsBoolean() ? DOCKER : EMBEDDED;
            default ->
                throw new IllegalArgumentException(
                        "%s must be 'embedded' or 'docker', not '%s'".formatted(SETTING, setting.orElseThrow()));
        };
    }

    private static final class Choice {
        static final Parts MADE = choose(
                Optional.ofNullable(System.getProperty(SETTING)).or(() -> Optional.ofNullable(System.getenv(SETTING))),
                () -> DockerClientFactory.instance().isDockerAvailable());
    }
}
