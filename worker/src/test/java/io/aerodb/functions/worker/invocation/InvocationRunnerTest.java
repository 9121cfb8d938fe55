package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.AllowedHosts;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.RunAs;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.ReplyCodec;
import io.aerodb.functions.kafka.UnreadableRecordException;
import io.aerodb.functions.worker.module.FakePostgres;
import io.aerodb.functions.worker.module.Modules;
import io.aerodb.functions.worker.wasm.GuestThreads;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InvocationRunnerTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private final TestRunner test = new TestRunner();
    private final FakePostgres postgres = test.postgres;
    private final ModuleHash succeeds = postgres.store(Modules.SUCCEEDS);
    private final ModuleHash fails = postgres.store(Modules.FAILS);

    @AfterEach
    void close() throws InterruptedException {
        test.close();
    }

    @Test
    void runsAFunctionAnswersAndRecordsIt() throws Exception {
        deploy(Requests.FUNCTION, succeeds, FunctionConfig.DEFAULT);
        var request = Requests.request(succeeds, LONG);
        var completed = run(request);
        assertEquals("succeeded", completed.status());
        assertNull(completed.code());
        assertNull(completed.error());
        assertEquals(request.id().value(), completed.id());
        assertEquals(Requests.FUNCTION, completed.functionId());
        assertEquals(7, completed.version());
        assertEquals(2, completed.attempt());
        assertEquals("authenticated", completed.role());
        assertEquals("authenticated", completed.runAs());
        assertEquals("user-1", completed.user());
        assertEquals(Requests.ACCEPTED, completed.acceptedAt());
        assertEquals(Requests.NOW, completed.startedAt());
        assertEquals(new RecordPosition("functions.invoke", 5, 99), completed.request());
        assertEquals("worker-1", completed.worker());
        assertEquals(65_536, completed.memoryPeakBytes());
        assertTrue(completed.runMicros() > 0);
        assertInstanceOf(Outcome.Succeeded.class, reply());
        assertEquals(1, test.durable.get());
    }

    @Test
    void recordsWithWhoseRightsAFunctionRan() throws Exception {
        deploy(Requests.FUNCTION, succeeds, new FunctionConfig(true, true, RunAs.SERVICE, AllowedHosts.NONE, Limits.DEFAULT, Map.of()));
        var completed = run(Requests.request(succeeds, LONG));
        assertEquals("authenticated", completed.role());
        assertEquals("service_role", completed.runAs());
    }

    @Test
    void recordsWhyAFunctionFailed() throws Exception {
        deploy(Requests.FUNCTION, fails, FunctionConfig.DEFAULT);
        var completed = run(Requests.request(fails, LONG));
        assertEquals("failed", completed.status());
        assertEquals("function_error", completed.code());
        assertEquals(reply().message(), completed.error());
        assertEquals(1, test.metrics.get("functions.invocations").tag("status", "failed").counter().count());
        assertEquals(FunctionConfig.DEFAULT.limits().memoryBytes(), test.metrics.get("functions.memory.limit").gauge().value());
    }

    @Test
    void runsTheVersionThatWasAskedForAndNotTheOneThatIsActiveNow() throws Exception {
        deploy(Requests.FUNCTION, fails, FunctionConfig.DEFAULT);
        assertEquals("succeeded", run(Requests.request(succeeds, LONG)).status());
        assertEquals(List.of(succeeds.hex()), postgres.fetches);
    }

    @Test
    void doesNotRunWhatNobodyWaitsForAnyMore() throws Exception {
        deploy(Requests.FUNCTION, succeeds, FunctionConfig.DEFAULT);
        var completed = run(Requests.request(succeeds, Duration.ZERO));
        assertEquals("expired", completed.status());
        assertNull(completed.startedAt());
        assertEquals(0, completed.runMicros());
        assertEquals(40_000, completed.queueMicros());
        assertTrue(reply().message().contains("not_started"));
        assertEquals(List.of(), postgres.fetches);
        assertEquals(1, test.durable.get());
    }

    @Test
    void doesNotRunAFunctionThatWasRemoved() throws Exception {
        test.registry.connected();
        assertRejected("function_not_found", run(Requests.request(succeeds, LONG)));
    }

    @Test
    void doesNotRunAFunctionThatWasDisabled() throws Exception {
        deploy(Requests.FUNCTION, succeeds, new FunctionConfig(false, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, Map.of()));
        assertRejected("function_not_found", run(Requests.request(succeeds, LONG)));
    }

    @Test
    void doesNotRunAnotherFunctionThatTookTheName() throws Exception {
        deploy(new UUID(9, 9), succeeds, FunctionConfig.DEFAULT);
        assertRejected("function_not_found", run(Requests.request(succeeds, LONG)));
    }

    @Test
    void rejectsForNowWhileTheRegistryIsAway() throws Exception {
        assertRejected("unavailable", run(Requests.request(succeeds, LONG)));
    }

    @Test
    void rejectsForNowWhileTheModuleIsNotThere() throws Exception {
        deploy(Requests.FUNCTION, succeeds, FunctionConfig.DEFAULT);
        assertRejected("unavailable", run(Requests.request(ModuleHash.of(new byte[] {9}), LONG)));
    }

    @Test
    void rejectsAModuleWhoseBytesWereChanged() throws Exception {
        deploy(Requests.FUNCTION, succeeds, FunctionConfig.DEFAULT);
        postgres.store(succeeds, Modules.FAILS);
        assertRejected("module_rejected", run(Requests.request(succeeds, LONG)));
    }

    @Test
    void answersWithoutDetailsWhenSomethingBreaks() throws Exception {
        deploy(Requests.FUNCTION, succeeds, FunctionConfig.DEFAULT);
        postgres.failure = new IllegalArgumentException("secret detail");
        var completed = run(Requests.request(succeeds, LONG));
        assertRejected("unavailable", completed);
        assertEquals("the worker failed to run the function", completed.error());
    }

    @Test
    void keepsTheReplyWhereNobodyWaits() throws Exception {
        deploy(Requests.FUNCTION, succeeds, FunctionConfig.DEFAULT);
        run(Requests.request(succeeds, LONG, null));
        assertEquals(List.of("functions.replies", "functions.invocations"), test.topics());
        assertNull(test.producer.history().getFirst().partition());
        assertEquals(1, test.durable.get());
    }

    @Test
    void putsARecordAsideWhoseSealHasNoValue() throws Exception {
        var record = Requests.onTheLog(Requests.request(succeeds, LONG));
        record.headers().remove("aerofn_seal").add("aerofn_seal", null);
        assertEquals(Optional.empty(), test.run(record));
        assertEquals(List.of("functions.dead-letters"), test.topics());
    }

    @Test
    void putsARecordItCannotReadAside() throws Exception {
        var record = new ConsumerRecord<>("functions.invoke", 5, 99, new byte[0], new byte[] {1, 2, 3});
        assertEquals(Optional.empty(), test.run(record));
        assertEquals(List.of("functions.dead-letters"), test.topics());
        assertEquals(1, test.durable.get());
    }

    @Test
    void putsARequestThatWasTamperedWithAside() throws Exception {
        deploy(Requests.FUNCTION, succeeds, FunctionConfig.DEFAULT);
        var record = Requests.onTheLog(Requests.request(succeeds, LONG));
        record.headers().remove("ce_role").add("ce_role", "service_role".getBytes(StandardCharsets.UTF_8));
        assertEquals(Optional.empty(), test.run(record));
        assertEquals(List.of("functions.dead-letters"), test.topics());
        assertEquals(List.of(), postgres.fetches);
    }

    @Test
    void leavesARecordUndoneWhenItIsInterrupted() throws Exception {
        var endless = postgres.store(Modules.NEVER_RETURNS);
        deploy(Requests.FUNCTION, endless, FunctionConfig.DEFAULT);
        var returned = new CountDownLatch(1);
        var guest = new GuestThreads().newThread(() -> {
            test.runner.run(Requests.onTheLog(Requests.request(endless, LONG)), test.durable::incrementAndGet);
            returned.countDown();
        });
        guest.start();
        await().until(() -> test.sandbox.memoryUsedBytes() > 0);
        guest.interrupt();
        await().until(() -> returned.getCount() == 0);
        assertEquals(List.of(), test.topics());
        assertEquals(0, test.durable.get());
    }

    private void deploy(UUID id, ModuleHash module, FunctionConfig config) {
        test.deploy(id, module, config);
    }

    private InvocationEntry run(InvocationRequest request) throws Exception {
        assertEquals(Optional.empty(), test.run(Requests.onTheLog(request)));
        return EntryCodec.decode(Requests.consumed(test.producer.history().getLast()));
    }

    private Outcome reply() throws UnreadableRecordException {
        assertEquals(List.of("functions.replies", "functions.invocations"), test.topics());
        assertEquals(3, test.producer.history().getFirst().partition());
        return ReplyCodec.decode(Requests.consumed(test.producer.history().getFirst())).outcome();
    }

    private void assertRejected(String code, InvocationEntry completed) throws UnreadableRecordException {
        assertEquals("rejected", completed.status());
        assertEquals(code, completed.code());
        assertEquals(code, reply().code());
        assertNull(completed.startedAt());
        assertEquals(1, test.durable.get());
    }
}
