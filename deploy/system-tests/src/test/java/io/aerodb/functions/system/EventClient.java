package io.aerodb.functions.system;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A client of server-sent events, as the HTML standard has it. */
final class EventClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<String> comments = new CopyOnWriteArrayList<>();
    private final InputStream body;
    private final Thread reader;
    private volatile String lastEventId = "";

    record Event(String id, String name, JsonNode data) {}

    private EventClient(InputStream body) {
        this.body = body;
        this.reader = Thread.ofVirtual().start(this::read);
    }

    /** Returns once everything that happens from now on will be an event. */
    static EventClient open(Api api, String path, @Nullable String lastEventId) {
        var request = api.as(Role.SERVICE, path).header("Accept", "text/event-stream");
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        try {
            HttpResponse<InputStream> response = Api.HTTP.send(request.build(), BodyHandlers.ofInputStream());
            var type = response.headers().firstValue("content-type").orElse("");
            if (response.statusCode() != 200 || !type.equals("text/event-stream")) {
                throw new AssertionError(response.statusCode() + " " + new String(response.body().readAllBytes(), StandardCharsets.UTF_8));
            }
            return new EventClient(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        try (var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            var name = "";
            var data = "";
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(":")) {
                    comments.add(line.substring(1).strip());
                } else if (line.startsWith("id: ")) {
                    lastEventId = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data = line.substring(6);
                } else if (line.isEmpty() && !data.isEmpty()) {
                    events.add(new Event(lastEventId, name, Api.MAPPER.readTree(data)));
                    data = "";
                }
            }
        } catch (IOException e) {
            // closed by us, or cut off: what came until then counts
        }
    }

    String lastEventId() {
        return lastEventId;
    }

    List<String> comments() {
        return comments;
    }

    /** The ids of the invocations that were told of. */
    List<String> invocations() {
        return events.stream().filter(event -> event.name().equals("invocation")).map(event -> event.data().path("id").asText()).toList();
    }

    /** All events, once they are at least so many. */
    List<Event> await(int count) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> events.size() >= count);
        return events;
    }

    /** The reason that the last event gave, once the stream is over. */
    String awaitEnd() {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> !reader.isAlive());
        return events.isEmpty() ? "" : events.getLast().data().path("reason").asText();
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
