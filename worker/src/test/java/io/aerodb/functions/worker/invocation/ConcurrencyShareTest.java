package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.function.AdmissionPolicy;
import io.aerodb.functions.function.Delivery;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.worker.module.FakePostgres;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConcurrencyShareTest {

    private final FakePostgres postgres = new FakePostgres();
    private final FunctionRegistry registry = new FunctionRegistry(postgres.database, new FunctionStore(postgres.database));
    private final AtomicInteger workers = new AtomicInteger(1);
    private final ConcurrencyShare share = new ConcurrencyShare(registry, workers::get);

    @AfterEach
    void close() {
        postgres.close();
    }

    @Test
    void isThisWorkersPartRoundedUp() {
        deploy(OptionalInt.of(10));
        assertEquals(10, of("f"));
        workers.set(3);
        assertEquals(4, of("f"));
        workers.set(50);
        assertEquals(1, of("f"));
    }

    @Test
    void isEverythingBeforeAnyWorkerIsKnown() {
        deploy(OptionalInt.of(10));
        workers.set(0);
        assertEquals(10, of("f"));
    }

    @Test
    void isUnlimitedForAFunctionWithoutALimitAndForOneThatIsNotKnown() {
        deploy(OptionalInt.empty());
        assertEquals(Integer.MAX_VALUE, of("f"));
        assertEquals(Integer.MAX_VALUE, of("unknown"));
    }

    private int of(String name) {
        return share.applyAsInt(new FunctionName(name));
    }

    private void deploy(OptionalInt concurrency) {
        var admission = new AdmissionPolicy(concurrency, OptionalInt.empty(), Optional.empty(), Optional.empty());
        postgres.deploy(new DeployedFunction(Requests.FUNCTION, new FunctionName("f"), 1, ModuleHash.of(new byte[] {1}), 1,
                FunctionConfig.DEFAULT.with(Delivery.AT_LEAST_ONCE, RetryPolicy.DEFAULT, admission), 1, Requests.NOW, Requests.NOW, List.of()));
        registry.connected();
    }
}
