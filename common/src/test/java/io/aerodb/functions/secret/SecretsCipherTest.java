package io.aerodb.functions.secret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.secret.SecretsCipher.Place;
import io.aerodb.functions.secret.SecretsCipher.Place.Kind;
import java.util.HexFormat;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsCipherTest {

    private static final String OLD = "old:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private static final String NEW = "new:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
    private static final Place PLACE = new Place(Kind.SECRET, new UUID(1, 2), "STRIPE");

    private final SecretsCipher cipher = cipher(OLD);

    @ParameterizedTest
    @ValueSource(strings = {"", "v", "ein Schlüssel mit 🗝"})
    void givesBackWhatItSealed(String value) {
        var sealed = cipher.seal(PLACE, value);
        assertEquals("old", sealed.keyId());
        assertEquals(value, cipher.open(PLACE, sealed));
    }

    @Test
    void neverSealsTheSameValueToTheSameBytes() {
        assertNotEquals(cipher.seal(PLACE, "value"), cipher.seal(PLACE, "value"));
    }

    @Test
    void refusesAValueThatWasMoved() {
        var sealed = cipher.seal(PLACE, "value");
        for (var place : new Place[] {new Place(Kind.SECRET, new UUID(1, 3), "STRIPE"), new Place(Kind.SECRET, new UUID(1, 2), "OTHER"),
                new Place(Kind.VARIABLE, new UUID(1, 2), "STRIPE")}) {
            assertThrows(UnreadableSecretException.class, () -> cipher.open(place, sealed), place::toString);
        }
    }

    @Test
    void refusesAValueOfWhichAnyByteWasChanged() {
        var sealed = cipher.seal(PLACE, "value");
        var bytes = HexFormat.of().parseHex(sealed.hex());
        for (var i = 0; i < bytes.length; i++) {
            bytes[i] ^= 1;
            var changed = new SealedValue("old", HexFormat.of().formatHex(bytes));
            assertThrows(UnreadableSecretException.class, () -> cipher.open(PLACE, changed));
            bytes[i] ^= 1;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "zz", "00", "000102030405060708090a0b"})
    void refusesWhatIsNoSealedValue(String hex) {
        var refusal = assertThrows(UnreadableSecretException.class, () -> cipher.open(PLACE, new SealedValue("old", hex)));
        assertTrue(refusal.getMessage().contains("set the secret again"), refusal.getMessage());
    }

    @Test
    void namesTheKeyThatIsMissing() {
        var sealed = cipher(NEW).seal(PLACE, "value");
        var refusal = assertThrows(UnreadableSecretException.class, () -> cipher.open(PLACE, sealed));
        assertTrue(refusal.getMessage().contains("'new'") && refusal.getMessage().contains("AEROFN_SECRETS_KEYS"), refusal.getMessage());
        assertFalse(refusal.getMessage().contains("STRIPE"), "callers read it");
    }

    @Test
    void refusesAnotherKeyUnderTheSameId() {
        var sealed = cipher.seal(PLACE, "value");
        var impostor = cipher("old:" + NEW.substring(4));
        assertThrows(UnreadableSecretException.class, () -> impostor.open(PLACE, sealed));
    }

    @Test
    void opensUnderAllKeysAndRenewsUnderTheFirst() {
        var sealed = cipher.seal(PLACE, "value");
        var both = cipher(NEW + "," + OLD);
        assertEquals("value", both.open(PLACE, sealed));
        var renewed = both.renewed(PLACE, sealed);
        assertEquals("new", renewed.keyId());
        assertEquals("value", cipher(NEW).open(PLACE, renewed));
        assertSame(renewed, both.renewed(PLACE, renewed));
        assertSame(sealed, cipher(NEW).renewed(PLACE, sealed), "what cannot be decrypted stays");
    }

    @Test
    void sealsNothingWithoutAKey() {
        var none = new SecretsCipher(SecretsKeys.NONE);
        assertFalse(none.canSeal());
        assertThrows(NoSuchElementException.class, () -> none.seal(PLACE, "value"));
        assertThrows(UnreadableSecretException.class, () -> none.open(PLACE, cipher.seal(PLACE, "value")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"k1", "k1:", ":MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "k1:MDEyMzQ1Njc4OWFiY2RlZg==", "k1:not base64 at all", "k 1:" + "x",
            OLD + ",", OLD + "," + OLD, OLD + ",k2"})
    void refusesKeysThatAreWrittenWrongAndDoesNotShowThem(String text) {
        var settings = Settings.of("worker", Map.of("AEROFN_SECRETS_KEYS", text));
        SecretsKeys.read(settings);
        var refusal = assertThrows(ConfigurationException.class, settings::check);
        assertTrue(refusal.getMessage().contains("AEROFN_SECRETS_KEYS"), refusal.getMessage());
        assertFalse(refusal.getMessage().contains("MDEyMzQ1"), refusal.getMessage());
    }

    @Test
    void showsTheIdsOfKeysOnly() {
        assertEquals("SecretsKeys[new, old]", SecretsKeys.parse(new Secret(NEW + ", " + OLD)).toString());
    }

    private static SecretsCipher cipher(String keys) {
        return new SecretsCipher(SecretsKeys.parse(new Secret(keys)));
    }
}
