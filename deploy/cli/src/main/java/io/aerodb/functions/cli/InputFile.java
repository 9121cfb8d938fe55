package io.aerodb.functions.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that the user names. */
final class InputFile {

    private InputFile() {}

    /** @throws CommandException if it cannot be read */
    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CommandException("cannot read " + file + ": " + reason(file, e));
        }
    }

    /** What the user gave, or the content of the file that is named behind an @. */
    static String textOrFile(String given) {
        return given.startsWith("@") ? new String(read(Path.of(given.substring(1))), StandardCharsets.UTF_8) : given;
    }

    private static String reason(Path file, IOException failure) {
        if (Files.notExists(file)) {
            return "there is no such file";
        }
        if (Files.isDirectory(file)) {
            return "it is a directory";
        }
        return Files.isReadable(file) ? failure.getMessage() : "its permissions forbid it";
    }
}
