package io.aerodb.functions.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Rejection;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerdictTest {

    @Test
    void saysOfEveryOutcomeWhetherTheFunctionIsToBlame() {
        var none = new byte[0];
        Map.<Outcome, Verdict>of(
                new Outcome.Succeeded(none), Verdict.SUCCESS,
                new Outcome.Failed(Failure.FUNCTION_ERROR, "", none), Verdict.FAILURE,
                new Outcome.Failed(Failure.HOST_FUNCTION_ERROR, "", none), Verdict.FAILURE,
                new Outcome.Failed(Failure.WORKER_LOST, "", none), Verdict.FAILURE,
                new Outcome.TimedOut(""), Verdict.FAILURE,
                new Outcome.MemoryExceeded(""), Verdict.FAILURE,
                new Outcome.Rejected(Rejection.MODULE_REJECTED, ""), Verdict.FAILURE,
                new Outcome.Rejected(Rejection.UNAVAILABLE, ""), Verdict.FAILURE,
                new Outcome.Rejected(Rejection.FUNCTION_NOT_FOUND, ""), Verdict.NEITHER,
                new Outcome.Expired(""), Verdict.NEITHER)
                .forEach((outcome, verdict) -> assertEquals(verdict, Verdict.of(outcome), outcome.toString()));
    }
}
