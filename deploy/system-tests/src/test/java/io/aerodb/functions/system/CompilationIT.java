package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.system.Api.Part;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestModules;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Modules are compiled once, when they are deployed, and whatever they want, the platform goes on. */
@Timeout(300)
class CompilationIT {

    private static final int ROUNDS = 10;

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void storesAnArtefactWithAModuleAndDoesNotMakeItTwice() {
        var hash = deployed("once", TestModules.returning(1));
        var artefact = artefact(hash);
        assertEquals(1, artefact.size());
        deployed("once", TestModules.returning(1));
        deployed("once-more", TestModules.returning(1));
        assertEquals(artefact, artefact(hash));
    }

    @Test
    void refusesBombsInBoundedTimeWhileOtherDeploymentsGoOn() throws Exception {
        var impatient = platform.startGateway(Map.of("AEROFN_COMPILER_TIMEOUT", "2s"));
        var bombs = List.of(
                TestModules.bombOfLocals(200, 50_000),
                TestModules.nested(40_000),
                TestModules.large(70, 40_000),
                TestModules.typical(12_000, 1)); // no rule is broken by this one, it only takes long
        var before = registered();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var refusals = bombs.stream().map(bomb -> threads.submit(() -> deploy(impatient, "bomb", bomb))).toList();
            for (var i = 2; i < 7; i++) {
                deployed(impatient, "meanwhile-" + i, TestModules.returning(i));
                assertProblem(500, "function_error", api.invoke("meanwhile-" + i, ""));
            }
            for (var refusal : refusals) {
                assertProblem(422, "module_rejected", refusal.get());
            }
            assertTrue(assertProblem(422, "module_rejected", refusals.getLast().get()).contains("takes longer than 2000 ms to compile"));
        }
        assertEquals(List.of(), platform.query("SELECT name FROM aerodb.functions WHERE name = 'bomb'"));
        assertEquals(before + 5, registered());
    }

    @Test
    void takesTenMegabytesOfNothing() {
        deployed("nothing", TestModules.nothing(10_000_000));
        assertEquals(200, api.invoke("nothing", "").statusCode());
    }

    @Test
    void compilesAgainWhatWasTamperedWith() throws Exception {
        var hash = deployed("tampered", TestModules.returning(0));
        platform.query("UPDATE aerodb.module_artefacts SET artefact = set_byte(artefact, 2000, 255 - get_byte(artefact, 2000)) "
                + "WHERE module = '" + hash + "' RETURNING 1");
        var tampered = artefact(hash);
        try (var worker = platform.startWorker(Map.of())) {
            Awaitility.await().until(() -> !artefact(hash).equals(tampered));
            assertTrue(worker.isReady());
        }
        assertEquals(200, api.invoke("tampered", "").statusCode());
    }

    /** Prints, because machines differ. */
    @Test
    void answersTheFirstCallSoon() {
        for (var functions : new int[] {1, 2_500}) {
            var millis = new ArrayList<Double>();
            for (var i = 0; i < ROUNDS; i++) {
                var name = "fresh-" + functions + "-" + i;
                deployed(name, TestModules.typical(functions, i));
                var start = System.nanoTime();
                var response = api.invoke(name, "");
                millis.add((System.nanoTime() - start) / 1e6);
                assertEquals(200, response.statusCode(), () -> text(response));
            }
            var sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            System.out.printf("first call of a module of %d bytes: p50 %.1f ms, p95 %.1f, most %.1f%n",
                    TestModules.typical(functions, 0).length, sorted[ROUNDS / 2], sorted[ROUNDS * 95 / 100], sorted[ROUNDS - 1]);
        }
    }

    private static String deployed(String name, byte[] module) {
        return deployed(api, name, module);
    }

    private static String deployed(Api gateway, String name, byte[] module) {
        var response = deploy(gateway, name, module);
        assertTrue(response.statusCode() == 201 || response.statusCode() == 200, () -> text(response));
        return json(response).path("wasm_hash").asText();
    }

    private static HttpResponse<byte[]> deploy(Api gateway, String name, byte[] module) {
        return gateway.deploy(Part.field("name", name), Part.file("wasm", module));
    }

    /** Its digest and when it was stored. */
    private static List<List<Object>> artefact(String hash) {
        return platform.query("SELECT md5(artefact), created_at::text FROM aerodb.module_artefacts WHERE module = '" + hash + "'");
    }

    private static long registered() {
        return (Long) platform.query("SELECT count(*) FROM aerodb.modules").getFirst().getFirst();
    }
}
