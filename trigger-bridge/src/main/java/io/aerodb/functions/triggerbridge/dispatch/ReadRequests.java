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
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
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
    private final Sent sent = new Sent();

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
            sent.await();
        }
        return asked;
    }

    private boolean sendIfWanted(Reader reader, Row row) throws InterruptedException {
        try {
            var told = new ToldChange(row.content());
            if (reader.condition() != null && !reader.condition().holds(told.rows())) {
                return false;
            }
            send(reader, row, told);
        } catch (KafkaException e) {
            throw e;
        } catch (RuntimeException e) { // one row must not hold up all that come after it
            LOG.atError().addKeyValue("backfill", reader.backfill()).addKeyValue("table", row.content().table()).setCause(e).log("cannot make a request of a row");
            sink.putAside(request(reader, row, ChangePayload.withoutValues(row.content())), "change_unreadable",
                    "no request could be made of the row; the bridge's log says why", sent::more);
        }
        return true;
    }

    private void send(Reader reader, Row row, ToldChange told) throws InterruptedException {
        var payload = told.json();
        var request = request(reader, row, payload.orElseGet(() -> ChangePayload.withoutRows(row.content())));
        if (payload.isEmpty()) {
            sink.putAside(request, "payload_too_large", "the row is told in more than " + ToldChange.MAX_BYTES + " bytes", sent::more);
        } else {
            sink.send(Requests.orderedBy(reader.function(), reader.trigger(), told), request, sent::more);
        }
    }

    private InvocationRequest request(Reader reader, Row row, byte[] change) {
        var function = reader.function();
        var id = InvocationId.named(reader.backfill(), row.key().toArray(String[]::new));
        return new InvocationRequest(id, TriggerType.DATABASE, function.ref(), 1, reader.acceptedAt(),
                clock.instant().plus(function.config().retry().maxAge()),
                reader.trigger().runAs() == RunAs.SERVICE ? Identity.SERVICE : Identity.ANONYMOUS, null, false, Lineage.NONE, null, null,
                Requests.payload(reader.trigger(), change));
    }

    /** What Kafka has not acknowledged yet. Thread-safe. */
    private static final class Sent implements Callback {

        private int outstanding;
        private @Nullable Exception failure;

        synchronized Sent more() {
            outstanding++;
            return this;
        }

        @Override
        public synchronized void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception error) {
            failure = error == null ? failure : error;
            outstanding--;
            notifyAll();
        }

        synchronized void await() throws InterruptedException {
            while (outstanding > 0) {
                wait();
            }
            var refused = failure;
            failure = null;
            if (refused != null) {
                throw new KafkaException("Kafka refused a record", refused);
            }
        }
    }
}
