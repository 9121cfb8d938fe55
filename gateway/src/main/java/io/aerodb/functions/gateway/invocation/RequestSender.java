package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;

/** Puts a request on the log and waits for its reply. */
final class RequestSender {

    /** A reply that is written just at the deadline still has to travel. */
    static final Duration GRACE = Duration.ofMillis(500);

    private final Producer<byte[], byte[]> producer;
    private final RequestCodec codec;
    private final PendingReplies pending;
    private final Clock clock;

    RequestSender(Producer<byte[], byte[]> producer, RequestCodec codec, PendingReplies pending, Clock clock) {
        this.producer = producer;
        this.codec = codec;
        this.pending = pending;
        this.clock = clock;
    }

    /**
     * Call on an event loop; the future completes there.
     *
     * @return the reply, or empty if the deadline passed without one; fails with {@link UnavailableException} if Kafka did not
     *     take the request
     */
    Future<Optional<Reply>> send(InvocationRequest request) {
        var reply = pending.await(request.id(), Duration.between(clock.instant(), request.deadline()).plus(GRACE));
        try {
            producer.send(codec.encode(Topics.INVOKE, null, request), (_, failure) -> {
                if (failure != null) {
                    pending.fail(request.id(), new UnavailableException("kafka", failure));
                }
            });
        } catch (KafkaException | IllegalStateException e) { // the latter while the gateway is being stopped
            pending.fail(request.id(), new UnavailableException("kafka", e));
        }
        return reply;
    }
}
