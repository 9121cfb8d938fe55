package io.aerodb.functions.compiler;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.testkit.TestModules;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However a process that compiles ends, its children end with it, even amid a compilation. */
@Timeout(120)
class ParentDeathTest {

    @Test
    void leavesNoProcessWhenTheParentIsKilled() throws Exception {
        var parent = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m", "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Parent.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<ProcessHandle> children;
        try {
            assertEquals('c', parent.getInputStream().read(), "the parent compiles");
            children = parent.children().toList();
            assertTrue(!children.isEmpty());
        } finally {
            parent.destroyForcibly().waitFor();
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** Compiles something small, says so, and goes on with something that takes minutes. */
    static final class Parent {

        private Parent() {}

        public static void main(String[] arguments) throws Exception {
            var compiler = new ModuleCompiler(
                    new CompilerSettings(Duration.ofMinutes(5), 2048L << 20), new Artefacts(Keys.of("k1")), new SimpleMeterRegistry());
            var small = TestModules.returning(1);
            compiler.compile(ModuleHash.of(small), small);
            var bomb = TestModules.bombOfLocals(200, 50_000);
            Thread.ofPlatform().start(() -> {
                try {
                    compiler.compile(ModuleHash.of(bomb), bomb);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            System.out.print('c');
            System.out.flush();
        }
    }
}
