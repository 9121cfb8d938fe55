package io.aerodb.functions.benchmarks;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.HttpCall;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.ReplyCodec;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.kafka.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the records of one call of a small function cost those who write and read them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmark {

    private static final Instant ACCEPTED = Instant.parse("2026-01-02T03:04:05.678901Z");
    private static final byte[] OUTPUT = "{\"message\":\"Hello, world!\"}".getBytes(StandardCharsets.US_ASCII);

    private final RequestCodec codec = new RequestCodec(RecordKeys.read(
            Settings.of("benchmark", Map.of("AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="))), "/benchmark");
    private final InvocationRequest request = new InvocationRequest(InvocationId.at(ACCEPTED), TriggerType.HTTP,
            new VersionRef(new UUID(1, 2), new FunctionName("hello"), 1, ModuleHash.of(OUTPUT)), 1, ACCEPTED, ACCEPTED.plusSeconds(30),
            new Identity(Role.AUTHENTICATED, "0a1b2c3d", "{\"role\":\"authenticated\",\"sub\":\"0a1b2c3d\",\"exp\":1767325445}"),
            new ReplyAddress(Topics.REPLIES, 0), null,
            new HttpCall("POST", "/", "", List.of(new HttpCall.Header("host", "127.0.0.1:8080"),
                    new HttpCall.Header("content-type", "application/json"), new HttpCall.Header("content-length", "16"))),
            LoadGenerator.PAYLOAD.getBytes(StandardCharsets.US_ASCII));
    private final Reply reply = new Reply(request.id(), 1, Duration.ofNanos(456_789), Duration.ofNanos(12_345), new Outcome.Succeeded(OUTPUT));
    private final InvocationEntry entry = new InvocationEntry(request.id().value(), request.function().functionId(), "hello", 1, "http",
            "succeeded", null, null, "authenticated", "authenticated", "0a1b2c3d", 1, ACCEPTED, ACCEPTED.plusNanos(456_000),
            ACCEPTED.plusNanos(567_000), 456, 12, 65_536, List.of(new LogLine(LogLine.Level.INFO, 0, "saying hello")), false,
            new RecordPosition(Topics.INVOKE, 3, 123_456), "worker-0a1b2c3d");
    private final ConsumerRecord<byte[], byte[]> requestRecord = read(codec.encode(Topics.INVOKE, null, request));
    private final ConsumerRecord<byte[], byte[]> replyRecord = read(ReplyCodec.encode(new ReplyAddress(Topics.REPLIES, 0), ACCEPTED, reply));
    private final ConsumerRecord<byte[], byte[]> entryRecord = read(EntryCodec.encode(entry));

    @Benchmark
    public Object writeRequest() {
        return codec.encode(Topics.INVOKE, null, request);
    }

    @Benchmark
    public Object readRequest() throws UnreadableRecordException {
        return codec.decode(requestRecord);
    }

    @Benchmark
    public Object writeReply() {
        return ReplyCodec.encode(new ReplyAddress(Topics.REPLIES, 0), ACCEPTED, reply);
    }

    @Benchmark
    public Object readReply() throws UnreadableRecordException {
        return ReplyCodec.decode(replyRecord);
    }

    @Benchmark
    public Object writeEntry() {
        return EntryCodec.encode(entry);
    }

    @Benchmark
    public Object readEntry() throws UnreadableRecordException {
        return EntryCodec.decode(entryRecord);
    }

    private static ConsumerRecord<byte[], byte[]> read(ProducerRecord<byte[], byte[]> written) {
        return new ConsumerRecord<>(written.topic(), 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, written.key(), written.value(),
                written.headers(), Optional.empty());
    }
}
