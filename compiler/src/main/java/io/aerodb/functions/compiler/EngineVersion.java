package io.aerodb.functions.compiler;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What an artefact must have been made by to be loaded here: the engine, its version, and the way we use it. */
final class EngineVersion {

    /** Raised whenever the child's work, or {@link CompiledForm}, changes. */
    private static final int OPTIONS = 2;

    /** Such as {@code endive 1.0.0 options 2}. */
    static final String CURRENT = "endive " + library() + " options " + OPTIONS;

    private EngineVersion() {}

    private static String library() {
        try (var resource = EngineVersion.class.getResourceAsStream("engine.properties")) {
            var properties = new Properties();
            properties.load(resource);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
