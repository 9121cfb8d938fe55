package io.aerodb.functions.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The container images that stand for the versions this build uses. */
final class Images {

    private Images() {}

    static String named(String name) {
        try (var in = Images.class.getResourceAsStream("images.properties")) {
            var images = new Properties();
            images.load(in);
            return images.getProperty(name);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
