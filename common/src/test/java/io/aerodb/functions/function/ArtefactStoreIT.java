package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import io.aerodb.functions.testkit.TestPostgres;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArtefactStoreIT {

    private static final FunctionName HELLO = new FunctionName("hello");
    private static final String ENGINE = "engine 1";
    private static final byte[] MODULE = {1, 2, 3};
    private static final ModuleHash HASH = ModuleHash.of(MODULE);

    private Database database;
    private FunctionStore functions;
    private ArtefactStore artefacts;

    @BeforeEach
    void start() throws InterruptedException {
        database = DatabaseKit.on(TestPostgres.shared().newDatabase());
        functions = new FunctionStore(database);
        artefacts = new ArtefactStore(database);
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void isFilledByADeployment() {
        assertFalse(artefacts.exists(HASH, ENGINE));
        deploy(new ModuleArtefact(ENGINE, new byte[] {4}));
        assertTrue(artefacts.exists(HASH, ENGINE));
        assertArrayEquals(new byte[] {4}, artefacts.find(HASH, ENGINE).orElseThrow());
    }

    @Test
    void isFilledByADeploymentThatChangesNothingElse() {
        deploy(null);
        deploy(new ModuleArtefact(ENGINE, new byte[] {4}));
        assertTrue(artefacts.exists(HASH, ENGINE));
        deploy(null);
        assertTrue(artefacts.exists(HASH, ENGINE));
    }

    @Test
    void keepsOneForEveryEngineAndTheLastOfEach() {
        deploy(new ModuleArtefact(ENGINE, new byte[] {4}));
        artefacts.put(HASH, new ModuleArtefact("engine 2", new byte[] {5}));
        artefacts.put(HASH, new ModuleArtefact(ENGINE, new byte[] {6}));
        assertArrayEquals(new byte[] {6}, artefacts.find(HASH, ENGINE).orElseThrow());
        assertArrayEquals(new byte[] {5}, artefacts.find(HASH, "engine 2").orElseThrow());
        assertEquals(Optional.empty(), artefacts.find(HASH, "engine 3"));
    }

    @Test
    void losesThemWithTheirModule() {
        deploy(new ModuleArtefact(ENGINE, new byte[] {4}));
        functions.delete(HELLO);
        assertFalse(artefacts.exists(HASH, ENGINE));
        artefacts.put(HASH, new ModuleArtefact(ENGINE, new byte[] {4}));
        assertFalse(artefacts.exists(HASH, ENGINE), "there is no module that it could belong to");
    }

    private void deploy(ModuleArtefact artefact) {
        functions.deploy(HELLO, MODULE, HASH, artefact, null);
    }
}
