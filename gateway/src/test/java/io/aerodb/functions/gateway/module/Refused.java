package io.aerodb.functions.gateway.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.function.InvalidFunctionException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.function.Executable;

/** Expects a refusal with a code, and gives its message. */
final class Refused {

    private Refused() {}

    static String as(String code, byte[] wasm) {
        return as(code, () -> ModuleCheck.check(wasm));
    }

    /** @param wat compiled first, which must succeed */
    static String as(String code, String wat) {
        return as(code, new WatCompiler().compile(wat.getBytes(StandardCharsets.UTF_8)));
    }

    static String as(String code, Executable attempt) {
        var refusal = assertThrows(InvalidFunctionException.class, attempt);
        assertEquals(code, refusal.code(), refusal.getMessage());
        return refusal.getMessage();
    }
}
