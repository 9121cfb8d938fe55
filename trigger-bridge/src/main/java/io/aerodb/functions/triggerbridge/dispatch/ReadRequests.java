package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.RunAs;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.RowCondition;
import io.aerodb.functions.triggerbridge.capture.Change;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for one invocation for each row that a table had already, as {@link Dispatcher} does for those that change. Nobody has changed
 * them, so nobody is their cause, and how often is a matter of who asked for it. For one thread at a time.
 */
public final class ReadRequests {

    private static final Logger LOG = LoggerFactory.getLogger(ReadRequests.class);

    private final EventSink sink;
    private final Clock clock;

    /**
     * For whom rows are read.
     *
     * @param backfill names all of them together: with a row's key it gives an invocation's id
     * @param condition null for none
     * @param acceptedAt when the invocations count as accepted, the same for a row that is told again
     */
    public record Reader(UUID backfill, DeployedFunction function, DatabaseTrigger trigger, @Nullable RowCondition condition, Instant acceptedAt) {}

    /** @param key the row's primary key, as PostgreSQL writes it */
    public record Row(List<String> key, Change.Row content) {}

    public ReadRequests(EventSink sink, Clock clock) {
        this.sink = sink;
        this.clock = clock;
    }

    /**
     * Returns when Kafka has all of it.
     *
     * @return how many invocations were asked for
     * @throws KafkaException if Kafka refused one; all can be sent again
     */
    public int send(Reader reader, List<Row> rows) throws InterruptedException {
        var asked = 0;
        try {
            for (var row : rows) {
                asked += sendIfWanted(reader, row) ? 1 : 0;
            }
        } finally {
            sink.await();
        }
        return asked;
    }

    private boolean sendIfWanted(Reader reader, Row row) {
        try {
            if (reader.condition() != null && !reader.condition().holds(null, ChangePayload.forCondition(row.content().after()))) {
                return false;
            }
            send(reader, row);
        } catch (KafkaException e) {
            throw e;
        } catch (RuntimeException e) { // one row must not hold up all that come after it
            LOG.atError().addKeyValue("backfill", reader.backfill()).addKeyValue("table", row.content().table()).setCause(e).log("cannot make a request of a row");
            sink.putAside(request(reader, row, ChangePayload.withoutValues(row.content())), "change_unreadable",
                    "no request could be made of the row; the bridge's log says why");
        }
        return true;
    }

    private void send(Reader reader, Row row) {
        var content = row.content();
        var payload = ChangePayload.json(content, Dispatcher.MAX_PAYLOAD_BYTES);
        var request = request(reader, row, payload.orElseGet(() -> ChangePayload.withoutRows(content)));
        if (payload.isEmpty()) {
            sink.putAside(request, "payload_too_large", "the row is told in more than " + Dispatcher.MAX_PAYLOAD_BYTES + " bytes");
        } else {
            sink.send(reader.trigger().ordering() == DatabaseTrigger.Ordering.NONE ? null : orderedBy(reader.function(), content), request);
        }
    }

    private static byte[] orderedBy(DeployedFunction function, Change.Row row) {
        var key = row.key() == null ? "" : ChangePayload.key(row.key());
        return Dispatcher.orderedBy(function, row, key).getBytes(StandardCharsets.UTF_8);
    }

    private InvocationRequest request(Reader reader, Row row, byte[] payload) {
        var function = reader.function();
        var id = InvocationId.named(reader.backfill(), row.key().toArray(String[]::new));
        return new InvocationRequest(id, TriggerType.DATABASE, function.ref(), 1, reader.acceptedAt(),
                clock.instant().plus(function.config().retry().maxAge()),
                reader.trigger().runAs() == RunAs.SERVICE ? Identity.SERVICE : Identity.ANONYMOUS, null, false, Lineage.NONE, null, null, payload);
    }
}
