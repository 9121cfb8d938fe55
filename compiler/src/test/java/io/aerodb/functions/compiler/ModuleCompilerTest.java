package io.aerodb.functions.compiler;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.ModuleArtefact;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.testkit.TestModules;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(240)
class ModuleCompilerTest {

    private static final long MIB = 1 << 20;
    private static final CompilerSettings USUAL = new CompilerSettings(Duration.ofSeconds(30), 512 * MIB);

    private final Artefacts artefacts = new Artefacts(Keys.of("k1"));

    @Test
    void compilesToASealedArtefactWithoutTheBodiesThatTheClassesHold() throws Exception {
        try (var compiler = compiler(USUAL)) {
            var module = TestModules.large(20, 1000);
            var artefact = compile(compiler, module);
            assertEquals(artefacts.engine(), artefact.engine());
            var form = artefacts.open(ModuleHash.of(module), artefact.bytes());
            assertTrue(form.classes().containsKey(form.mainClass()));
            assertTrue(form.skeleton().length < 300, form.skeleton().length + " bytes");
        }
    }

    @Test
    void keepsTheBodyOfAFunctionThatWillBeInterpreted() throws Exception {
        try (var compiler = compiler(USUAL)) {
            var huge = TestModules.large(1, 40_000);
            var form = artefacts.open(ModuleHash.of(huge), compile(compiler, huge).bytes());
            assertTrue(form.skeleton().length > 100_000, form.skeleton().length + " bytes");
        }
    }

    @Test
    void refusesTooMuchThatWouldBeInterpreted() throws Exception {
        try (var compiler = compiler(USUAL)) {
            compile(compiler, TestModules.large(6, 40_000));
            assertRefused("instructions together, allowed are 500000", compiler, TestModules.large(7, 40_000));
        }
    }

    @Test
    void countsEveryResultFromTheStart() throws Exception {
        var metrics = new SimpleMeterRegistry();
        try (var compiler = new ModuleCompiler(USUAL, artefacts, metrics)) {
            assertThrows(UncompilableException.class, () -> compile(compiler, new byte[] {1, 2, 3}));
        }
        var counts = metrics.get("compiler.compile").timers().stream()
                .collect(Collectors.toMap(timer -> timer.getId().getTag("result"), Timer::count));
        assertEquals(Map.of("compiled", 0L, "invalid", 1L, "too_large", 0L, "out_of_time", 0L, "out_of_memory", 0L, "died", 0L), counts);
    }

    @Test
    void usesAProcessAgain() throws Exception {
        try (var compiler = compiler(USUAL)) {
            compile(compiler, TestModules.returning(1));
            var processes = processes();
            compile(compiler, TestModules.returning(2));
            assertThrows(UncompilableException.class, () -> compile(compiler, new byte[] {1, 2, 3}));
            compile(compiler, TestModules.returning(3));
            assertEquals(processes, processes());
        }
    }

    @Test
    void hasAProcessReadyBeforeTheFirstModule() throws Exception {
        try (var compiler = compiler(USUAL)) {
            compiler.prepare();
            await().atMost(Duration.ofMinutes(1)).until(() -> processes().size() == 1);
            compile(compiler, TestModules.returning(1));
        }
    }

    @Test
    void refusesWhatTheEngineDoesNotTake() throws Exception {
        try (var compiler = compiler(USUAL)) {
            assertRefused("malformed or invalid", compiler, new byte[] {1, 2, 3});
            assertRefused("RETURN_CALL", compiler, TestModules.tailCalling());
        }
    }

    @Test
    void endsACompilationThatTakesTooLongWhileOthersGoOn() throws Exception {
        try (var compiler = compiler(new CompilerSettings(Duration.ofSeconds(3), 2048 * MIB));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            compile(compiler, TestModules.returning(1)); // a process is there
            var bomb = threads.submit(() -> compile(compiler, TestModules.bombOfLocals(200, 50_000)));
            var others = IntStream.range(2, 12).mapToObj(i -> threads.submit(() -> compile(compiler, TestModules.returning(i)))).toList();
            for (var other : others) {
                other.get();
            }
            assertRefused("takes longer than 3000 ms", bomb);
            compile(compiler, TestModules.returning(20));
            await().until(() -> processes().size() <= 2);
        }
    }

    @Test
    void endsACompilationThatNeedsTooMuchMemory() throws Exception {
        try (var compiler = compiler(new CompilerSettings(Duration.ofSeconds(30), 64 * MIB))) {
            assertRefused("needs more than 64 MB", compiler, TestModules.large(100, 20_000));
            compile(compiler, TestModules.returning(1));
        }
    }

    @Test
    void refusesBombsWithinTheLimits() throws Exception {
        try (var compiler = compiler(new CompilerSettings(Duration.ofSeconds(5), 512 * MIB))) {
            assertThrows(UncompilableException.class, () -> compile(compiler, TestModules.bombOfLocals(200, 50_000)));
            assertThrows(UncompilableException.class, () -> compile(compiler, TestModules.bombOfLocals(50_000, 60_000)));
            assertThrows(UncompilableException.class, () -> compile(compiler, new byte[10 << 20]));
            compile(compiler, TestModules.returning(0));
        }
    }

    @Test
    void isThroughWithDeepNestingInBoundedTime() throws Exception {
        try (var compiler = compiler(USUAL)) {
            for (var depth : new int[] {500, 5_000, 60_000}) {
                try {
                    compile(compiler, TestModules.nested(depth));
                } catch (UncompilableException refused) {
                    // the gateway refuses it much earlier; here it only must not harm
                }
            }
            compile(compiler, TestModules.returning(0));
        }
    }

    @Test
    void turnsAwayWhoWouldWaitTooLong() throws Exception {
        try (var compiler = compiler(new CompilerSettings(Duration.ofSeconds(2), 2048 * MIB));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var bombs = IntStream.range(0, 8).mapToObj(_ -> threads.submit(() -> compile(compiler, TestModules.bombOfLocals(200, 50_000)))).toList();
            var turnedAway = 0;
            for (var bomb : bombs) {
                if (assertThrows(ExecutionException.class, bomb::get).getCause() instanceof UnavailableException) {
                    turnedAway++;
                }
            }
            assertTrue(turnedAway > 0 && turnedAway < bombs.size(), turnedAway + " were turned away");
        }
    }

    @Test
    void triesAgainWhenAProcessWasEndedByAnyoneElse() throws Exception {
        try (var compiler = compiler(USUAL)) {
            compile(compiler, TestModules.returning(1));
            ProcessHandle.of(processes().iterator().next()).orElseThrow().destroyForcibly();
            compile(compiler, TestModules.returning(2));
        }
    }

    @Test
    void leavesNoProcessWhenItIsClosed() throws Exception {
        Future<?> bomb;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var compiler = compiler(USUAL);
            compile(compiler, TestModules.returning(1));
            bomb = threads.submit(() -> compile(compiler, TestModules.bombOfLocals(200, 50_000)));
            await().until(() -> !processes().isEmpty());
            compiler.close();
            compiler.close();
            assertThrows(ExecutionException.class, bomb::get);
            assertThrows(UnavailableException.class, () -> compile(compiler, TestModules.returning(1)));
        }
        assertEquals(Set.of(), processes());
    }

    private ModuleCompiler compiler(CompilerSettings settings) {
        return new ModuleCompiler(settings, artefacts, new SimpleMeterRegistry());
    }

    private static ModuleArtefact compile(ModuleCompiler compiler, byte[] module) throws Exception {
        return compiler.compile(ModuleHash.of(module), module);
    }

    private static void assertRefused(String why, ModuleCompiler compiler, byte[] module) {
        var message = assertThrows(UncompilableException.class, () -> compile(compiler, module)).getMessage();
        assertTrue(message.contains(why), message);
    }

    private static void assertRefused(String why, Future<?> compilation) {
        var cause = assertThrows(ExecutionException.class, compilation::get).getCause();
        assertInstanceOf(UncompilableException.class, cause);
        assertTrue(cause.getMessage().contains(why), cause.getMessage());
    }

    /** The ids of the processes that compile. */
    private static Set<Long> processes() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive).map(ProcessHandle::pid).collect(Collectors.toSet());
    }
}
