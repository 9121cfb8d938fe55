package io.aerodb.functions.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.ModuleHash;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArtefactsTest {

    private static final ModuleHash MODULE = ModuleHash.of(new byte[] {1});
    private static final CompiledForm FORM =
            new CompiledForm(new byte[] {1, 2, 3}, "a.Main", Map.of("a.Main", new byte[] {4, 5}, "a.Other", new byte[] {6}));

    private final Artefacts artefacts = new Artefacts(Keys.of("k1"), "engine 1 options 1");
    private final byte[] sealed = artefacts.seal(MODULE, FORM.write()).bytes();

    @Test
    void opensWhatItSealed() throws Exception {
        var opened = artefacts.open(MODULE, sealed);
        assertArrayEquals(FORM.skeleton(), opened.skeleton());
        assertEquals("a.Main", opened.mainClass());
        assertEquals(FORM.classes().keySet(), opened.classes().keySet());
        assertArrayEquals(new byte[] {4, 5}, opened.classes().get("a.Main"));
        assertEquals(3, opened.classBytes());
    }

    @Test
    void refusesOneWithAnyByteChanged() {
        for (var i = 0; i < sealed.length; i++) {
            var tampered = sealed.clone();
            tampered[i] ^= 1;
            assertThrows(ArtefactRefusedException.class, () -> artefacts.open(MODULE, tampered), "byte " + i);
        }
    }

    @Test
    void refusesOneThatIsCutOffOrLonger() {
        for (var length = 0; length < sealed.length; length++) {
            var cut = Arrays.copyOf(sealed, length);
            assertThrows(ArtefactRefusedException.class, () -> artefacts.open(MODULE, cut));
        }
        assertThrows(ArtefactRefusedException.class, () -> artefacts.open(MODULE, Arrays.copyOf(sealed, sealed.length + 1)));
    }

    @Test
    void refusesOneOfAnotherKey() {
        assertRefused("no key of ours", new Artefacts(Keys.of("k2"), "engine 1 options 1"), MODULE);
    }

    @Test
    void refusesOneOfAnotherModuleEngineOrOptions() {
        assertRefused("another module", artefacts, ModuleHash.of(new byte[] {2}));
        assertRefused("engine 1 options 1", new Artefacts(Keys.of("k1"), "engine 2 options 1"), MODULE);
        assertRefused("engine 1 options 1", new Artefacts(Keys.of("k1"), "engine 1 options 2"), MODULE);
    }

    @Test
    void opensUnderAKeyThatNoLongerSeals() throws Exception {
        assertEquals("a.Main", new Artefacts(Keys.of("k2", "k1"), "engine 1 options 1").open(MODULE, sealed).mainClass());
    }

    @Test
    void namesTheVersionOfTheEngineInUse() {
        assertTrue(new Artefacts(Keys.of("k1")).engine().matches("endive \\d+\\.\\d+\\.\\d+ options \\d+"));
    }

    private void assertRefused(String why, Artefacts by, ModuleHash module) {
        var message = assertThrows(ArtefactRefusedException.class, () -> by.open(module, sealed)).getMessage();
        assertTrue(message.contains(why), message);
    }
}
