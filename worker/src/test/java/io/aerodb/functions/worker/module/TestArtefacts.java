package io.aerodb.functions.worker.module;

import io.aerodb.functions.compiler.Artefacts;
import io.aerodb.functions.compiler.CompilerSettings;
import io.aerodb.functions.compiler.ModuleCompiler;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.ArtefactStore;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.worker.wasm.EndiveArtefacts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;

/** Artefacts for tests. One compiler serves all tests of a JVM; its processes end when that does. */
public final class TestArtefacts {

    public static final Artefacts ARTEFACTS = new Artefacts(keys("k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="));
    public static final ModuleCompiler COMPILER = new ModuleCompiler(
            new CompilerSettings(Duration.ofSeconds(60), 512 << 20), ARTEFACTS, new SimpleMeterRegistry());

    private static final EndiveArtefacts NOT_KEPT = in(new FakePostgres());

    private TestArtefacts() {}

    /** Where it does not matter what is stored. */
    public static EndiveArtefacts any() {
        return NOT_KEPT;
    }

    public static EndiveArtefacts in(FakePostgres postgres) {
        return new EndiveArtefacts(new ArtefactStore(postgres.database), ARTEFACTS, COMPILER);
    }

    public static RecordKeys keys(String text) {
        var settings = Settings.of("worker", Map.of("AEROFN_RECORD_KEYS", text));
        var keys = RecordKeys.read(settings);
        settings.check();
        return keys;
    }
}
