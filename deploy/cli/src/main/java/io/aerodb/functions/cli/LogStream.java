package io.aerodb.functions.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/** Follows the invocations of a function: wherever it is cut off, it connects again and goes on where it was. */
final class LogStream {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    private final Connection connection;
    private final Consumer<JsonNode> told;
    private String lastEventId = "";
    private boolean functionDeleted;

    /** Opens the stream behind an event; the id of the event is empty for the first time. */
    interface Connection {
        InputStream open(String lastEventId) throws IOException, InterruptedException;
    }

    LogStream(Connection connection, Consumer<JsonNode> told) {
        this.connection = connection;
        this.told = told;
    }

    /**
     * Returns when the function was removed.
     *
     * @throws CommandException if the gateway refuses, or does not answer the first time
     */
    void follow() throws IOException, InterruptedException {
        var stream = connection.open("");
        while (true) {
            try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                read(lines);
            } catch (IOException e) {
                // cut off: it goes on below
            }
            if (functionDeleted) {
                return;
            }
            stream = reopened();
        }
    }

    private InputStream reopened() throws InterruptedException {
        while (true) {
            Thread.sleep(RETRY_PAUSE);
            try {
                return connection.open(lastEventId);
            } catch (CommandException e) {
                if (!e.isAway()) {
                    throw e;
                }
            } catch (IOException e) {
                // the gateway comes back, or another one takes its place
            }
        }
    }

    private void read(BufferedReader lines) throws IOException {
        var name = "";
        var data = "";
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("id: ")) {
                lastEventId = line.substring(4);
            } else if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            } else if (line.isEmpty()) {
                happened(name, data);
                name = "";
                data = "";
            }
        }
    }

    private void happened(String name, String data) throws IOException {
        switch (name) {
            case "invocation" -> told.accept(MAPPER.readTree(data));
            case "end" -> functionDeleted = MAPPER.readTree(data).path("reason").asText().equals("function_deleted");
            default -> { } // a comment, or what a newer gateway sends
        }
    }
}
