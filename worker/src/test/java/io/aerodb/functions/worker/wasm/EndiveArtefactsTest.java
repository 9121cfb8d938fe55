package io.aerodb.functions.worker.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.compiler.Artefacts;
import io.aerodb.functions.compiler.CompilerSettings;
import io.aerodb.functions.compiler.ModuleCompiler;
import io.aerodb.functions.function.ArtefactStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.worker.module.FakePostgres;
import io.aerodb.functions.worker.module.Modules;
import io.aerodb.functions.worker.module.TestArtefacts;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EndiveArtefactsTest {

    private static final byte[] MODULE = Modules.SUCCEEDS;
    private static final ModuleHash HASH = ModuleHash.of(MODULE);
    private static final String OTHER_KEY = "k2:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
    private static final String SAME_ID_OTHER_KEY = OTHER_KEY.replace("k2", "k1");

    private final FakePostgres postgres = new FakePostgres();
    private final Guests guests = new Guests(Guests.sandbox(Guests.BUDGET_BYTES));

    @AfterEach
    void close() {
        guests.close();
        postgres.close();
    }

    @Test
    void loadsWhatIsStoredWithoutCompiling() throws Exception {
        postgres.artefacts.put(HASH.hex(), sealed(TestArtefacts.COMPILER));
        assertRuns(withoutCompiler());
    }

    @Test
    void compilesAndStoresWhatHasNoArtefact() throws Exception {
        assertRuns(TestArtefacts.in(postgres));
        assertRuns(withoutCompiler());
    }

    @Test
    void compilesAnewWhatWasTamperedWith() throws Exception {
        var artefact = sealed(TestArtefacts.COMPILER);
        var tampered = artefact.clone();
        tampered[tampered.length - 1] ^= 1;
        assertReplaced(tampered);
    }

    @Test
    void compilesAnewWhatAnotherKeySealed() throws Exception {
        for (var keys : new String[] {OTHER_KEY, SAME_ID_OTHER_KEY}) {
            try (var other = compiler(TestArtefacts.keys(keys))) {
                assertReplaced(sealed(other));
            }
        }
    }

    @Test
    void compilesAnewWhatBelongsToAnotherModule() throws Exception {
        assertReplaced(TestArtefacts.COMPILER.compile(ModuleHash.of(Modules.FAILS), Modules.FAILS).bytes());
    }

    @Test
    void compilesAnewWhatIsNoArtefact() throws Exception {
        assertReplaced(new byte[0]);
        assertReplaced(new byte[100]);
    }

    @Test
    void runsNothingUnverifiedWhenItCannotCompile() throws Exception {
        var tampered = sealed(TestArtefacts.COMPILER);
        tampered[tampered.length / 2] ^= 1;
        postgres.artefacts.put(HASH.hex(), tampered);
        assertThrows(UnavailableException.class, () -> withoutCompiler().get(HASH, MODULE));
    }

    private void assertReplaced(byte[] stored) throws Exception {
        postgres.artefacts.put(HASH.hex(), stored);
        assertRuns(TestArtefacts.in(postgres));
        assertNotSame(stored, postgres.artefacts.get(HASH.hex()));
        assertRuns(withoutCompiler());
    }

    private void assertRuns(EndiveArtefacts artefacts) throws Exception {
        try (var sandbox = new Sandbox(SandboxEngine.ENDIVE, 1 << 20, artefacts)) {
            var module = sandbox.compile(HASH, MODULE);
            assertEquals(HASH, module.hash());
            var outcome = guests.thread.submit(() -> sandbox.run(module, Guests.call())).get().outcome();
            assertInstanceOf(Succeeded.class, outcome);
        }
    }

    private EndiveArtefacts withoutCompiler() throws InterruptedException {
        var compiler = compiler(TestArtefacts.keys(OTHER_KEY));
        compiler.close();
        return new EndiveArtefacts(new ArtefactStore(postgres.database), TestArtefacts.ARTEFACTS, compiler);
    }

    private static ModuleCompiler compiler(RecordKeys keys) {
        return new ModuleCompiler(new CompilerSettings(Duration.ofMinutes(1), 512 << 20), new Artefacts(keys), new SimpleMeterRegistry());
    }

    private static byte[] sealed(ModuleCompiler compiler) throws Exception {
        return compiler.compile(HASH, MODULE).bytes();
    }
}
