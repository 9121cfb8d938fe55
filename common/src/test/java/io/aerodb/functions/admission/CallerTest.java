package io.aerodb.functions.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import org.junit.jupiter.api.Test;

class CallerTest {

    @Test
    void isWhomTheTokenNamesWhereverItCallsFrom() {
        var user = new Identity(Role.AUTHENTICATED, "user-7", "{}");
        assertEquals(Caller.of(user, "10.0.0.1"), Caller.of(user, "10.0.0.2"));
        assertNotEquals(Caller.of(user, "10.0.0.1"), Caller.of(new Identity(Role.AUTHENTICATED, "user-8", "{}"), "10.0.0.1"));
        assertNotEquals(Caller.of(user, "10.0.0.1"), Caller.of(new Identity(Role.ANON, "user-7", "{}"), "10.0.0.1"));
    }

    @Test
    void isTheNetworkWhereTheTokenNamesNobody() {
        assertNotEquals(anonymous("10.0.0.1"), anonymous("10.0.0.2"));
        assertEquals(anonymous("10.0.0.1"), Caller.of(new Identity(Role.AUTHENTICATED, null, "{}"), "10.0.0.1"));
        assertNotEquals(anonymous("10.0.0.1"), Caller.of(new Identity(Role.ANON, "10.0.0.1", "{}"), "10.0.0.1"));
    }

    @Test
    void countsTheAddressesOfOneCustomerTogether() {
        assertEquals(anonymous("2001:db8:1:2::1"), anonymous("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assertNotEquals(anonymous("2001:db8:1:2::1"), anonymous("2001:db8:1:3::1"));
        assertEquals(anonymous("/run/socket"), anonymous("/run/socket"));
    }

    @Test
    void isNobodyInParticularForTheServiceRole() {
        assertEquals(new Caller.Service(), Caller.of(Identity.SERVICE, "10.0.0.1"));
        assertEquals(new Caller.Service(), Caller.of(new Identity(Role.SERVICE, "backend", "{}"), "10.0.0.1"));
    }

    private static Caller anonymous(String address) {
        return Caller.of(Identity.ANONYMOUS, address);
    }
}
