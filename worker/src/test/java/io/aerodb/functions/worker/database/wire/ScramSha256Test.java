package io.aerodb.functions.worker.database.wire;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ScramSha256Test {

    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    /** The example of RFC 7677. */
    private final ScramSha256 scram = new ScramSha256("pencil", "rOprNGfwEbeRWgbNEkqO", "user");

    @Test
    void provesThePasswordAsTheStandardsExampleDoes() throws IOException {
        assertEquals("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", scram.clientFirst());
        assertEquals("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                scram.clientFinal(SERVER_FIRST));
        assertDoesNotThrow(() -> scram.checkServerFinal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    @Test
    void refusesAServerThatDoesNotKnowThePassword() throws IOException {
        scram.clientFinal(SERVER_FIRST);
        assertThrows(IOException.class, () -> scram.checkServerFinal("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        assertThrows(IOException.class, () -> scram.checkServerFinal("e=other-error"));
    }

    @Test
    void refusesAServerThatProvesNothingAtAll() {
        assertThrows(IOException.class, () -> scram.checkServerFinal("v="));
    }

    @Test
    void refusesAnAnswerToAnotherLogin() {
        assertThrows(IOException.class, () -> scram.clientFinal("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
        assertThrows(IOException.class, () -> scram.clientFinal("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
    }

    @Test
    void refusesToWorkForEver() {
        assertThrows(IOException.class, () -> scram.clientFinal(SERVER_FIRST.replace("i=4096", "i=2000000000")));
        assertThrows(IOException.class, () -> scram.clientFinal(SERVER_FIRST.replace("i=4096", "i=x")));
    }
}
