package io.aerodb.functions.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a server writes about itself into {@code postmaster.pid} in its data directory. */
record PostmasterFile(long pid, String status) {

    private static final int PID_LINE = 0;
    private static final int STATUS_LINE = 7;

    /** Empty if there is none, or if it is being written. */
    static Optional<PostmasterFile> in(Path data) throws IOException {
        try {
            return parse(Files.readAllLines(file(data)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    static Optional<PostmasterFile> parse(List<String> lines) {
        if (lines.isEmpty() || !lines.get(PID_LINE).strip().matches("\\d{1,9}")) {
            return Optional.empty();
        }
        String status = lines.size() > STATUS_LINE ? lines.get(STATUS_LINE).strip() : "";
        return Optional.of(new PostmasterFile(Long.parseLong(lines.get(PID_LINE).strip()), status));
    }

    static void delete(Path data) throws IOException {
        Files.deleteIfExists(file(data));
    }

    boolean isReady() {
        return status.equals("ready");
    }

    private static Path file(Path data) {
        return data.resolve("postmaster.pid");
    }
}
