package io.aerodb.functions.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresBinariesIT {

    @TempDir
    Path directory;

    @Test
    void severalJvmsMayUnpackAtOnceAndFindTheSameFiles() throws Exception {
        String cache = directory.resolve("cache").toString();
        try (var one = ChildJvm.run(Unpack.class, cache);
                var other = ChildJvm.run(Unpack.class, cache)) {
            String found = one.awaitLine("unpacked ");
            assertEquals(found, other.awaitLine("unpacked "));
        }
        try (var entries = Files.list(Path.of(cache))) {
            assertEquals(2, entries.count(), "the binaries and the lock");
        }
    }

    @Test
    void whatAKilledJvmLeftHalfUnpackedIsReplaced() throws Exception {
        Path binaries = PostgresBinaries.unpackedIn(directory.resolve("cache"));
        Path partial = binaries.resolveSibling(binaries.getFileName() + ".partial");
        Files.move(binaries, partial);
        Files.delete(partial.resolve("bin/initdb"));

        assertEquals(binaries, PostgresBinaries.unpackedIn(directory.resolve("cache")));
        assertTrue(Files.isExecutable(binaries.resolve("bin/initdb")));
    }

    @Test
    void refusesACacheThatEverybodyMayWrite() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertUntrusted(directory);
    }

    @Test
    void refusesACacheOfAnotherUser() throws Exception {
        assumeTrue(ServerUser.currentUid() == 0, "only root can give a directory away");
        Files.setAttribute(directory, "unix:uid", 65534);
        assertUntrusted(directory);
    }

    @Test
    void refusesALinkThatAnotherUserPutThere() throws Exception {
        assumeTrue(ServerUser.currentUid() == 0, "only root can give a link away");
        Path target = Files.createDirectory(directory.resolve("target"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);
        var chown = Command.run(List.of("chown", "-h", "65534", link.toString()));
        assertTrue(chown.succeeded(), chown.output());
        assertUntrusted(link);
    }

    private static void assertUntrusted(Path cache) {
        var failure = assertThrows(EmbeddedServerException.class, () -> PostgresBinaries.unpackedIn(cache));
        assertTrue(failure.getMessage().contains("cannot be trusted"), failure.getMessage());
    }

    /** Runs in child JVMs. */
    static final class Unpack {
        public static void main(String[] arguments) {
            System.out.println("unpacked " + PostgresBinaries.unpackedIn(Path.of(arguments[0])));
        }
    }
}
