package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.triggerbridge.Asked.Request;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;

/** Backfills of a database, which are asked for as a gateway does it. */
record Backfilling(Source source) {

    /** For the only trigger of a function. @return its id */
    String start(String function, int rate) {
        var id = UUID.randomUUID().toString();
        source.execute("INSERT INTO aerodb.backfills (id, trigger_id, function, source_table, per_second, estimated_total) SELECT '" + id
                + "', t.id, f.name, t.definition ->> 'table', " + rate + ", 0 FROM aerodb.function_triggers t JOIN aerodb.functions f ON f.id = t.function_id WHERE f.name = '" + function + "'");
        return id;
    }

    /** Waits until it does not run any more. @return its state, rows read and fired, and its error */
    String awaitEnd(String id) {
        Awaitility.await().alias("end of " + id).atMost(Duration.ofSeconds(90)).until(() -> !told(id).startsWith("running"));
        return told(id);
    }

    String told(String id) {
        return source.value("SELECT concat_ws(' ', state, rows_read, rows_fired, error) FROM aerodb.backfills WHERE id = '" + id + "'");
    }

    long read(String id) {
        return Long.parseLong(source.value("SELECT rows_read FROM aerodb.backfills WHERE id = '" + id + "'"));
    }

    /** What was asked for because rows were read. */
    static List<Request> reads(List<Request> requests) {
        return requests.stream().filter(each -> each.payload().path("op").asText().equals("READ")).toList();
    }
}
