package io.aerodb.functions.worker.database.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MessageReaderTest {

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    @Test
    void readsOneMessageAfterAnotherWhateverWasLeftOfTheLast() throws IOException {
        message('D', "abc".getBytes(StandardCharsets.US_ASCII));
        message('D', new byte[100_000]);
        message('C', "x".getBytes(StandardCharsets.US_ASCII));
        var reader = reader();
        assertEquals('D', reader.next());
        assertArrayEquals("abc".getBytes(StandardCharsets.US_ASCII), reader.body(3));
        assertEquals('D', reader.next());
        assertEquals('C', reader.next());
        assertTrue(reader.hasMore() || reader.body(1)[0] == 'x');
    }

    @Test
    void passesOverWhatNobodyAskedFor() throws IOException {
        message('N', new byte[50_000]);
        message('S', new byte[3]);
        message('A', new byte[3]);
        message('Z', new byte[] {'I'});
        var reader = reader();
        assertEquals('Z', reader.next());
        assertFalse(reader.hasMore());
        assertArrayEquals(new byte[] {'I'}, reader.body(1));
    }

    @Test
    void refusesALargeMessageBeforeAnyOfItIsRead() throws IOException {
        // the header promises two gigabytes that are not there
        sent.write(new byte[] {'D', 0x7f, -1, -1, -1});
        var reader = reader();
        assertEquals('D', reader.next());
        assertThrows(MessageTooLargeException.class, () -> reader.body(6 << 20));
    }

    @Test
    void keepsTheImportantPartsOfAnErrorAndOnlyThose() throws IOException {
        message('E', "SFEHLER\0VERROR\0C23505\0Mduplicate\0DKey (id)=(secret)\0Hhint\0Wwhere\0\0".getBytes(StandardCharsets.UTF_8));
        var reader = reader();
        reader.next();
        assertEquals(new ServerError("ERROR", "23505", "duplicate"), reader.error());
    }

    @Test
    void cutsTheMessageOfAnErrorThatIsTooLong() throws IOException {
        message('E', ("VERROR\0C22P02\0M" + "é".repeat(1_000_000) + "\0\0").getBytes(StandardCharsets.UTF_8));
        message('Z', new byte[] {'E'});
        var reader = reader();
        reader.next();
        assertEquals(2001, reader.error().message().length());
        assertEquals('Z', reader.next());
    }

    @Test
    void noticesThatTheServerIsGone() {
        sent.write('D');
        assertThrows(EOFException.class, () -> reader().next());
    }

    @Test
    void refusesANegativeLength() throws IOException {
        sent.write(new byte[] {'D', -1, -1, -1, -1});
        assertThrows(IOException.class, () -> reader().next());
    }

    private void message(char type, byte[] body) throws IOException {
        var length = body.length + 4;
        sent.write(new byte[] {(byte) type, (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length});
        sent.write(body);
    }

    private MessageReader reader() {
        InputStream in = new ByteArrayInputStream(sent.toByteArray());
        return new MessageReader(in);
    }
}
