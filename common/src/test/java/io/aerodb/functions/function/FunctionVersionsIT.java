package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import io.aerodb.functions.function.FunctionStore.Change;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsKeys;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FunctionVersionsIT {

    private static final FunctionName HELLO = new FunctionName("hello");
    private static final LongPredicate ANY = _ -> true;
    private static final SecretsCipher CIPHER =
            new SecretsCipher(SecretsKeys.parse(new Secret("k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")));

    private Database database;
    private FunctionStore store;
    private FunctionVersions versions;

    @BeforeEach
    void start() throws InterruptedException {
        database = DatabaseKit.fresh();
        store = new FunctionStore(database, CIPHER);
        versions = new FunctionVersions(database, CIPHER);
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void makesAVersionWithTheSameModuleOfAnotherConfiguration() {
        var before = deploy(1, "{\"timeout_ms\": 2000, \"env\": {\"API_KEY\": \"s3cret\"}}");
        var after = changed(patch("{\"timeout_ms\": 3000, \"env\": {\"API_KEY\": \"***REDACTED***\"}}"));
        assertEquals(2, after.version());
        assertEquals(before.module(), after.module());
        assertEquals(Duration.ofSeconds(3), after.config().limits().timeout());
        assertEquals("s3cret", FunctionVariables.open(CIPHER, after, after.config()).all().get("API_KEY"));
        assertTrue(after.revision() > before.revision());
        assertEquals(before.config(), store.config(before.ref()).orElseThrow(), "the version before is as it was");
    }

    @Test
    void changesNothingWithTheSameAgain() {
        var before = deploy(1, "{\"env\": {\"API_KEY\": \"s3cret\"}}");
        var unchanged = assertInstanceOf(FunctionChange.Unchanged.class, patch("{\"env\": {\"API_KEY\": \"s3cret\"}, \"timeout_ms\": null}"));
        assertEquals(before, unchanged.function());
        assertEquals(before, store.find(HELLO).orElseThrow());
    }

    @Test
    void turnsOffAndOnWithoutAVersion() {
        var before = deploy(1, "{}");
        var off = changed(patch("{\"enabled\": false}"));
        assertFalse(off.config().enabled());
        assertEquals(1, off.version());
        assertTrue(off.revision() > before.revision());
        assertEquals(Change.UNCHANGED, store.deploy(HELLO, module(1), ModuleHash.of(module(1)), null, null).change());
        assertEquals(Change.SWITCHED, store.deploy(HELLO, module(1), ModuleHash.of(module(1)), null, FunctionConfig.DEFAULT).change());
        assertEquals(List.of(1), numbers(Integer.MAX_VALUE, 10));
    }

    @Test
    void goesBackToTheModuleAndTheConfigurationOfAVersion() {
        var first = deploy(1, "{\"timeout_ms\": 2000, \"env\": {\"API_KEY\": \"one\"}}");
        deploy(2, "{\"timeout_ms\": 3000, \"env\": {\"API_KEY\": \"two\"}}");
        new SecretStore(database, CIPHER).put(HELLO, "STRIPE", "kept");
        var back = changed(versions.activate(HELLO, 1, ANY));
        assertEquals(first.ref(), back.ref());
        assertEquals(Map.of("API_KEY", "one", "STRIPE", "kept"), FunctionVariables.open(CIPHER, back, back.config()).all());
        assertInstanceOf(FunctionChange.Unchanged.class, versions.activate(HELLO, 1, ANY));
        assertEquals(3, deploy(3, "{}").version(), "numbers go on from the highest");
        assertEquals(List.of(3, 2, 1), numbers(Integer.MAX_VALUE, 10));
    }

    @Test
    void leavesAFunctionDisabledThatGoesBack() {
        deploy(1, "{}");
        deploy(2, "{\"enabled\": false}");
        assertFalse(changed(versions.activate(HELLO, 1, ANY)).config().enabled());
    }

    @Test
    void saysWhatIsNotThere() {
        assertInstanceOf(FunctionChange.FunctionMissing.class, versions.activate(HELLO, 1, ANY));
        assertInstanceOf(FunctionChange.FunctionMissing.class, patch("{}"));
        deploy(1, "{}");
        assertInstanceOf(FunctionChange.VersionMissing.class, versions.activate(HELLO, 2, ANY));
        assertEquals(List.of(), versions.list(new FunctionName("other"), Integer.MAX_VALUE, 10));
    }

    @Test
    void listsInPagesNewestFirst() {
        for (var i = 1; i <= 5; i++) {
            deploy(i, "{}");
        }
        assertEquals(List.of(5, 4), numbers(Integer.MAX_VALUE, 2));
        assertEquals(List.of(3, 2), numbers(4, 2));
        assertEquals(List.of(1), numbers(2, 2));
        var active = versions.list(HELLO, Integer.MAX_VALUE, 10).stream().filter(FunctionVersion::isActive).toList();
        assertEquals(List.of(5), active.stream().map(FunctionVersion::number).toList());
    }

    @Test
    void changesNothingThatHasChangedSince() {
        var seen = deploy(1, "{}");
        LongPredicate asSeen = revision -> revision == seen.revision();
        changed(versions.reconfigure(HELLO, ConfigPatch.parse("{\"timeout_ms\": 2000}"), asSeen));
        var outdated = assertInstanceOf(FunctionChange.Outdated.class,
                versions.reconfigure(HELLO, ConfigPatch.parse("{\"timeout_ms\": 3000}"), asSeen));
        assertEquals(2, outdated.function().version());
        assertInstanceOf(FunctionChange.Outdated.class, versions.activate(HELLO, 1, asSeen));
    }

    @Test
    void leavesNothingOfAPatchThatIsWrong() {
        var before = deploy(1, "{}");
        assertThrows(InvalidFunctionException.class, () -> patch("{\"timeout_ms\": 1}"));
        assertEquals(before, store.find(HELLO).orElseThrow());
        var without = new FunctionVersions(database, new SecretsCipher(SecretsKeys.NONE));
        var refusal = assertThrows(InvalidFunctionException.class,
                () -> without.reconfigure(HELLO, ConfigPatch.parse("{\"env\": {\"API_KEY\": \"x\"}}"), ANY));
        assertEquals("secrets_not_configured", refusal.code());
        assertEquals(List.of(1), numbers(Integer.MAX_VALUE, 10));
    }

    @Test
    void losesNoPatchOfThoseThatComeAtOnce() throws Exception {
        deploy(1, "{}");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var patches = IntStream.range(0, 12)
                    .<Callable<FunctionChange>>mapToObj(i -> () -> patch("{\"env\": {\"V" + i + "\": \"x\"}}"))
                    .toList();
            for (var patched : threads.invokeAll(patches)) {
                changed(patched.get());
            }
        }
        var function = store.find(HELLO).orElseThrow();
        assertEquals(13, function.version());
        assertEquals(12, function.config().env().size());
        assertEquals(13, numbers(Integer.MAX_VALUE, 100).size());
    }

    private FunctionChange patch(String patch) {
        return versions.reconfigure(HELLO, ConfigPatch.parse(patch), ANY);
    }

    private static DeployedFunction changed(FunctionChange change) {
        return assertInstanceOf(FunctionChange.Changed.class, change).function();
    }

    private List<Integer> numbers(int before, int limit) {
        return versions.list(HELLO, before, limit).stream().map(FunctionVersion::number).toList();
    }

    private DeployedFunction deploy(int content, String config) {
        return store.deploy(HELLO, module(content), ModuleHash.of(module(content)), null, FunctionConfigJson.parse(config)).function();
    }

    private static byte[] module(int content) {
        return new byte[] {(byte) content};
    }
}
